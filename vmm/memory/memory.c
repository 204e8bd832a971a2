/* SPDX-License-Identifier: MIT
 * RAM, arena and the memory slots through which the VM sees them. */
#include "cgroup.h"
#include "layout.h"
#include "populate.h"
#include "vmm/memory/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef KVM_CAP_PRE_FAULT_MEMORY /* Linux 6.11 */
#define KVM_CAP_PRE_FAULT_MEMORY 236
#endif

/* No slot is ever changed or deleted: that would drop the second-level tables of the whole VM. */
enum { SLOT_RAM_LOW, SLOT_RAM_HIGH, SLOT_ARENA };

#define ARENA_ALIGN (1ull << 30)

/* What the kernel may charge for an isolated extent, measured at 416 to 494 bytes, and as much
 * again for what it frees only later; for each piece of 2 MiB one page table of the host and one
 * of the second level; and for its own batches. */
#define EXTENT_COST 1024
#define PIECE_COST  8192
#define BASE_COST   (256 << 10)

#define HOST_RESERVE (32ull << 20) /* left to others when RAM is made at once */

static uint64_t min64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int make_memfd(const char *name, uint64_t bytes, struct error *error)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return error_set(error, "memfd_create(%s): %s", name, strerror(errno));
    /* Sealed, so that no access of the VMM to RAM can ever meet a page that is gone. */
    if (ftruncate(fd, (off_t)bytes) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        error_set(error, "cannot set up %s of %llu bytes: %s", name, (unsigned long long)bytes,
                  strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

/* Makes every page of RAM and locks it, as far as that is asked for and possible. */
static int set_ram_aside(struct memory *memory, struct error *error)
{
    const bool strict = memory->guarantee == GUARANTEE_STRICT;
    const uint64_t left = cgroup_memory_left();

    /* Asked first: the host would rather kill than refuse. */
    memory->ram_made = memory->ram_bytes + HOST_RESERVE < left &&
                       (populate(memory->ram, memory->ram_bytes) ||
                        fallocate(memory->ram_fd, 0, 0, (off_t)memory->ram_bytes) == 0);
    if (!memory->ram_made)
        return !strict ? 0
                       : error_set(error,
                                   "--guarantee strict: --memory %llu does not fit, the host or "
                                   "the memory cgroup has %llu bytes left",
                                   (unsigned long long)memory->ram_bytes, (unsigned long long)left);
    memory->ram_locked = mlock(memory->ram, memory->ram_bytes) == 0;
    if (!memory->ram_locked && strict)
        return error_set(error,
                         "--guarantee strict: cannot lock %llu bytes of RAM: %s; give the VMM "
                         "CAP_IPC_LOCK or raise the limit (ulimit -l)",
                         (unsigned long long)memory->ram_bytes, strerror(errno));
    return 0;
}

static int make_ram(struct memory *memory, struct error *error)
{
    memory->ram_fd = make_memfd("holdfast-ram", memory->ram_bytes, error);
    if (memory->ram_fd < 0)
        return -1;
    void *ram = mmap(NULL, memory->ram_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
                     memory->ram_fd, 0);
    if (ram == MAP_FAILED)
        return error_set(error, "cannot map %llu bytes of RAM: %s; choose a smaller --memory",
                         (unsigned long long)memory->ram_bytes, strerror(errno));
    memory->ram = ram;
    madvise(ram, memory->ram_bytes, MADV_DONTDUMP);
    return memory->guarantee != GUARANTEE_OFF ? set_ram_aside(memory, error) : 0;
}

static int make_ballast(struct memory *memory, uint32_t extents, struct error *error)
{
    const size_t room = BASE_COST + (size_t)extents * EXTENT_COST +
                        (memory->arena_bytes / (PIECE_PAGES * HF_PAGE_SIZE) + 1) * PIECE_COST;

    /* Where RAM could not be locked, the ballast cannot be, either. */
    if (ballast_init(&memory->ballast, room, memory->ram_locked, &memory->injection) < 0)
        return error_set(error, "no address space for %zu bytes of ballast: %s", room,
                         strerror(errno));
    if (memory->guarantee == GUARANTEE_OFF)
        return 0;
    ballast_want(&memory->ballast, BASE_COST);
    if (ballast_settle(&memory->ballast) < 0)
        return error_set(error, "no memory for the first %d bytes of ballast: %s", BASE_COST,
                         strerror(errno));
    return 0;
}

static int set_slot(int vm_fd, uint32_t slot, uint64_t gpa, uint64_t bytes, const void *hva,
                    const char *what, struct error *error)
{
    struct kvm_userspace_memory_region region = {
        .slot = slot,
        .guest_phys_addr = gpa,
        .memory_size = bytes,
        .userspace_addr = (uintptr_t)hva,
    };

    if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
        return error_set(error, "KVM refuses the %s of %llu bytes at guest-physical 0x%llx: %s",
                         what, (unsigned long long)bytes, (unsigned long long)gpa, strerror(errno));
    return 0;
}

static int give_to_vm(struct memory *memory, int vm_fd, struct error *error)
{
    const uint64_t low = min64(memory->ram_bytes, MEMORY_HOLE);

    if (set_slot(vm_fd, SLOT_RAM_LOW, 0, low, memory->ram, "RAM (--memory)", error) < 0)
        return -1;
    if (memory->ram_bytes > low &&
        set_slot(vm_fd, SLOT_RAM_HIGH, MEMORY_ABOVE, memory->ram_bytes - low, memory->ram + low,
                 "RAM above 4 GiB (--memory)", error) < 0)
        return -1;
    return set_slot(vm_fd, SLOT_ARENA, memory->arena_base, memory->arena_bytes, memory->arena,
                    "arena (--arena)", error);
}

/* Behind RAM and the PCI hole. */
static int choose_arena_base(struct memory *memory, uint64_t gpa_limit, struct error *error)
{
    uint64_t end = MEMORY_ABOVE;

    if (memory->ram_bytes > MEMORY_HOLE)
        end += memory->ram_bytes - MEMORY_HOLE;
    memory->arena_base = (end + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
    if (memory->arena_base >= gpa_limit || memory->arena_bytes > gpa_limit - memory->arena_base)
        return error_set(
            error,
            "an arena of %llu bytes behind %llu bytes of RAM does not fit below 0x%llx,"
            " where this host's guest-physical addresses end; choose a smaller --arena",
            (unsigned long long)memory->arena_bytes, (unsigned long long)memory->ram_bytes,
            (unsigned long long)gpa_limit);
    return 0;
}

static int set_up(struct memory *memory, int vm_fd, const struct memory_config *config,
                  struct error *error)
{
    if (choose_arena_base(memory, config->gpa_limit, error) < 0 || make_ram(memory, error) < 0 ||
        make_ballast(memory, config->extents, error) < 0)
        return -1;
    memory->arena = arena_place(memory->arena_bytes, error);
    if (memory->arena == NULL)
        return -1;
    memory->can_prefault = ioctl(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_PRE_FAULT_MEMORY) > 0;
    if (!memory->can_prefault && config->guarantee == GUARANTEE_STRICT)
        return error_set(error, "--guarantee strict: this host's KVM cannot make second-level "
                                "tables ahead (KVM_PRE_FAULT_MEMORY, Linux 6.11 or later)");
    if (memory->can_prefault) {
        memory->scratch_fd = make_memfd("holdfast-scratch", HF_PAGE_SIZE, error);
        if (memory->scratch_fd < 0)
            return -1;
    }
    if (give_to_vm(memory, vm_fd, error) < 0)
        return -1;
    return config->guarantee != GUARANTEE_OFF
               ? keeper_start(&memory->keeper, &memory->ballast, error)
               : 0;
}

struct memory *memory_create(int vm_fd, const struct memory_config *config, struct error *error)
{
    struct memory *memory = calloc(1, sizeof *memory);

    if (memory == NULL) {
        error_set(error, "out of memory");
        return NULL;
    }
    /* The map path writes there; calloc()'s pages may not exist yet. */
    memset(memory->resident, 1, sizeof memory->resident);
    if (config->guarantee != GUARANTEE_OFF)
        mlock(memory, sizeof *memory); /* present all the same where it is not permitted */
    memory->ram_fd = -1;
    memory->scratch_fd = -1;
    memory->ram_bytes = config->ram_bytes;
    memory->arena_bytes = config->arena_bytes;
    memory->guarantee = config->guarantee;
    for (uint32_t slot = 0; slot <= BACKINGS_OBJECTS; slot++)
        memory->object[slot].fd = -1;
    if (set_up(memory, vm_fd, config, error) < 0) {
        memory_destroy(memory);
        return NULL;
    }
    return memory;
}

void memory_destroy(struct memory *memory)
{
    for (uint32_t slot = 1; slot <= BACKINGS_OBJECTS; slot++)
        object_close(&memory->object[slot]);
    keeper_stop(&memory->keeper);
    if (memory->ballast.memory != NULL)
        ballast_free(&memory->ballast);
    if (memory->arena != NULL)
        arena_unplace(memory->arena, memory->arena_bytes);
    if (memory->ram != NULL)
        munmap(memory->ram, memory->ram_bytes);
    if (memory->ram_fd >= 0)
        close(memory->ram_fd);
    if (memory->scratch_fd >= 0)
        close(memory->scratch_fd);
    free(memory);
}

uint64_t memory_ram_bytes(const struct memory *memory)
{
    return memory->ram_bytes;
}

uint64_t memory_arena_base(const struct memory *memory)
{
    return memory->arena_base;
}

uint64_t memory_arena_bytes(const struct memory *memory)
{
    return memory->arena_bytes;
}

bool memory_ram_is_made(const struct memory *memory)
{
    return memory->ram_made;
}

bool memory_ram_is_locked(const struct memory *memory)
{
    return memory->ram_locked;
}

enum guarantee memory_guarantee(const struct memory *memory)
{
    return memory->guarantee;
}

struct injection *memory_injection(struct memory *memory)
{
    return &memory->injection;
}

void memory_account(struct memory *memory, int64_t extents, int64_t pieces)
{
    if (memory->guarantee != GUARANTEE_OFF)
        ballast_want(&memory->ballast, extents * EXTENT_COST + pieces * PIECE_COST);
}

int memory_settle(struct memory *memory)
{
    return memory->guarantee != GUARANTEE_OFF ? ballast_settle(&memory->ballast) : 0;
}

void memory_keep_stack(const struct memory *memory)
{
    if (memory->guarantee != GUARANTEE_OFF)
        stack_set_aside();
}

void memory_ballast(const struct memory *memory, struct memory_ballast *ballast)
{
    *ballast = (struct memory_ballast){
        .wanted = atomic_load(&memory->ballast.wanted),
        .held = atomic_load(&memory->ballast.held),
        .room = memory->ballast.room,
        .times_lent = atomic_load(&memory->ballast.times_lent),
        .lent = atomic_load(&memory->ballast.lent),
    };
}

bool memory_can_prefault(const struct memory *memory)
{
    return memory->can_prefault;
}

void *memory_ram_at(const struct memory *memory, uint64_t gpa, uint64_t bytes)
{
    const uint64_t low = min64(memory->ram_bytes, MEMORY_HOLE);

    if (gpa < low)
        return bytes <= low - gpa ? memory->ram + gpa : NULL;
    if (gpa < MEMORY_ABOVE)
        return NULL;
    const uint64_t offset = gpa - MEMORY_ABOVE;
    const uint64_t high = memory->ram_bytes - low;
    if (offset >= high || bytes > high - offset)
        return NULL;
    return memory->ram + low + offset;
}

bool memory_read(const struct memory *memory, uint64_t gpa, void *to, size_t bytes)
{
    const void *ram = memory_ram_at(memory, gpa, bytes);

    if (ram != NULL) {
        memcpy(to, ram, bytes);
        return true;
    }
    if (gpa < memory->arena_base || gpa - memory->arena_base >= memory->arena_bytes ||
        bytes > memory->arena_bytes - (gpa - memory->arena_base))
        return false;
    /* A read of our own could end in SIGSEGV or SIGBUS. */
    const struct iovec local = {to, bytes};
    const struct iovec arena = {memory->arena + (gpa - memory->arena_base), bytes};
    return process_vm_readv(getpid(), &local, 1, &arena, 1, 0) == (ssize_t)bytes;
}

void memory_attach(struct memory *memory, uint32_t slot, const struct object *object)
{
    memory->object[slot] = *object;
}

struct object memory_detach(struct memory *memory, uint32_t slot)
{
    struct object object = memory->object[slot];

    memory->object[slot].fd = -1;
    return object;
}

const struct object *memory_object(const struct memory *memory, uint32_t slot)
{
    return &memory->object[slot];
}
