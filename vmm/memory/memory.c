/* SPDX-License-Identifier: MIT
 * RAM and arena together, and the memory slots through which the VM sees them. */
#include "layout.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* No slot is ever changed or deleted: that would drop the second-level tables of the whole VM. */
enum { SLOT_RAM_LOW, SLOT_RAM_HIGH, SLOT_ARENA };

#define ARENA_ALIGN (1ull << 30)
_Static_assert(ARENA_ALIGN % LARGE_ENTRY == 0, "arena_place() counts on it");

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
    const uint64_t low = ram_below_hole(memory);

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
    if (choose_arena_base(memory, config->gpa_limit, error) < 0 || ram_make(memory, error) < 0 ||
        account_open(memory, config, error) < 0)
        return -1;
    memory->arena = arena_place(memory->arena_bytes, error);
    if (memory->arena == NULL)
        return -1;
    memory->can_prefault = prefault_is_possible(vm_fd);
    if (!memory->can_prefault && config->guarantee == GUARANTEE_STRICT)
        return error_set(error, "--guarantee strict: this host's KVM cannot make second-level "
                                "tables ahead (KVM_PRE_FAULT_MEMORY, Linux 6.11 or later; the "
                                "parameter tdp_mmu of kvm must be Y)");
    if (memory->can_prefault) {
        memory->scratch_fd = memory_memfd("holdfast-scratch", HF_PAGE_SIZE, error);
        if (memory->scratch_fd < 0)
            return -1;
    }
    if (give_to_vm(memory, vm_fd, error) < 0)
        return -1;
    return config->guarantee != GUARANTEE_OFF
               ? ballast_thread_start(&memory->ballast_thread, &memory->ballast, error)
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
    ballast_thread_stop(&memory->ballast_thread);
    if (memory->ram_tables.ballast.memory != NULL)
        ballast_free(&memory->ram_tables.ballast);
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

uint64_t memory_arena_base(const struct memory *memory)
{
    return memory->arena_base;
}

uint64_t memory_arena_bytes(const struct memory *memory)
{
    return memory->arena_bytes;
}

enum guarantee memory_guarantee(const struct memory *memory)
{
    return memory->guarantee;
}

struct injection *memory_injection(struct memory *memory)
{
    return &memory->injection;
}

bool memory_can_prefault(const struct memory *memory)
{
    return memory->can_prefault;
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
