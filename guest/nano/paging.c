/* SPDX-License-Identifier: MIT
 * Page tables: RAM and windows at their guest-physical addresses, open to ring 3 as well, since
 * tests run there too. */
#include "cpu.h"
#include "guest/lib/platform.h"
#include "lock.h"

#define PRESENT     0x001ull
#define WRITE       0x002ull
#define USER        0x004ull
#define WRITE_THRU  0x008ull /* PAT entry 1: write-combining */
#define CACHE_OFF   0x010ull /* with WRITE_THRU: PAT entry 3, uncached */
#define LARGE       0x080ull
#define ADDRESS     0x000ffffffffff000ull
#define LARGE_BYTES (2ull << 20)

#define INVLPG_MOST 64u /* above, dropping the whole TLB is cheaper */

typedef uint64_t table[512];

static table root __attribute__((aligned(4096)));
static table first_directories[5] __attribute__((aligned(4096))); /* the first 4 GiB */
static struct nano_lock lock;

static table *next_table(uint64_t entry)
{
    return (table *)(entry & ADDRESS);
}

static unsigned index_at(uint64_t address, unsigned level)
{
    return (unsigned)(address >> (12 + 9 * level) & 511);
}

/* The table of a level (0: of pages of 4 KiB) that maps the address; NULL if there is none, or
 * if it is to be made and there is no page for it. */
static table *find_table(uint64_t address, unsigned level, bool make)
{
    table *at = &root;

    for (unsigned above = 3; above > level; above--) {
        uint64_t *entry = &(*at)[index_at(address, above)];
        if ((*entry & PRESENT) == 0) {
            void *page = make ? nano_pages(1) : NULL;
            if (page == NULL)
                return NULL;
            *entry = (uintptr_t)page | PRESENT | WRITE | USER;
        } else if ((*entry & LARGE) != 0) {
            return NULL;
        }
        at = next_table(*entry);
    }
    return at;
}

static void map_large(uint64_t address)
{
    table *directory = find_table(address, 1, true);

    if (directory != NULL)
        (*directory)[index_at(address, 1)] = address | PRESENT | WRITE | USER | LARGE;
}

void nano_paging_init(uint64_t ram_end)
{
    const uint64_t four_gib = 4ull << 30;

    root[0] = (uintptr_t)first_directories[4] | PRESENT | WRITE | USER;
    for (unsigned i = 0; i < 4; i++)
        first_directories[4][i] = (uintptr_t)first_directories[i] | PRESENT | WRITE | USER;
    for (uint64_t i = 0; i < 4 * 512 && i * LARGE_BYTES < ram_end; i++)
        first_directories[i / 512][i % 512] = i * LARGE_BYTES | PRESENT | WRITE | USER | LARGE;
    for (uint64_t address = four_gib; address < ram_end; address += LARGE_BYTES)
        map_large(address);
}

void nano_paging_load(void)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"((uintptr_t)root) : "memory");
}

uint64_t nano_paging_root(void)
{
    return (uintptr_t)root;
}

uint64_t *nano_pte(const void *address)
{
    const uint64_t at = (uintptr_t)address;
    table *pages = find_table(at, 0, false);

    if (pages == NULL) {
        table *directory = find_table(at, 1, false);
        if (directory == NULL || ((*directory)[index_at(at, 1)] & PRESENT) == 0)
            return NULL;
        return &(*directory)[index_at(at, 1)];
    }
    uint64_t *entry = &(*pages)[index_at(at, 0)];
    return (*entry & PRESENT) != 0 ? entry : NULL;
}

void nano_serve_flushes(void)
{
    struct cpu *cpu = this_cpu();
    uint32_t wanted;

    /* Looked at again, because an NMI in between may have served a later request. */
    while ((wanted = __atomic_load_n(&cpu->flushes_wanted, __ATOMIC_ACQUIRE)) !=
           __atomic_load_n(&cpu->flushes_done, __ATOMIC_RELAXED)) {
        nano_paging_load();
        __atomic_store_n(&cpu->flushes_done, wanted, __ATOMIC_RELEASE);
    }
}

/* Returns when no CPU holds an old translation any more. */
static void flush_others(void)
{
    const uint32_t cpus = nano_cpus();
    const uint32_t self = nano_cpu();

    for (uint32_t i = 0; i < cpus; i++) {
        if (i == self)
            continue;
        __atomic_fetch_add(&nano_cpu_table[i]->flushes_wanted, 1, __ATOMIC_ACQ_REL);
        nano_interrupt_always(i);
    }
    for (uint32_t i = 0; i < cpus; i++) {
        const struct cpu *cpu = nano_cpu_table[i];
        while (i != self && __atomic_load_n(&cpu->flushes_done, __ATOMIC_ACQUIRE) !=
                                __atomic_load_n(&cpu->flushes_wanted, __ATOMIC_ACQUIRE)) {
            nano_serve_flushes();
            __builtin_ia32_pause();
        }
    }
}

static uint64_t bits_of(enum hf_cache cache, bool writable)
{
    const uint64_t access = PRESENT | USER | (writable ? WRITE : 0);

    switch (cache) {
    case HF_CACHE_NONCACHED:
        return access | CACHE_OFF | WRITE_THRU;
    case HF_CACHE_WRITE_COMBINED:
        return access | WRITE_THRU;
    default:
        return access;
    }
}

void *hf_platform_window_add(hf_gpa base, uint64_t pages)
{
    const uint64_t state = nano_lock_take(&lock);
    void *address = (void *)base.value;

    for (uint64_t i = 0; i < pages; i++) {
        const uint64_t at = base.value + i * HF_PAGE_SIZE;
        table *leaf = find_table(at, 0, true);
        if (leaf == NULL) {
            address = NULL;
            break;
        }
        (*leaf)[index_at(at, 0)] = at | bits_of(HF_CACHE_CACHED, true);
    }
    nano_lock_give(&lock, state);
    return address;
}

void hf_platform_window_remove(void *address, uint64_t pages)
{
    (void)address; /* the tables stay for the next window there; what they map is not mapped */
    (void)pages;
}

void hf_platform_window_protect(void *address, uint64_t pages, enum hf_cache cache, bool writable)
{
    const uint64_t bits = bits_of(cache, writable);
    const uint64_t state = nano_lock_take(&lock);

    for (uint64_t i = 0; i < pages; i++) {
        const uint64_t at = (uintptr_t)address + i * HF_PAGE_SIZE;
        (*find_table(at, 0, false))[index_at(at, 0)] = at | bits;
        if (pages <= INVLPG_MOST)
            __asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
    }
    if (pages > INVLPG_MOST)
        nano_paging_load();
    flush_others();
    nano_lock_give(&lock, state);
}
