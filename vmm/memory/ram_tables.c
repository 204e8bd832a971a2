/* SPDX-License-Identifier: MIT
 * KVM's second-level tables for RAM. KVM makes them at the guest's first access to a piece of 2
 * MiB, with memory of the VMM's cgroup: an ordinary boot would take what windows have set aside. So
 * they are made before the guest runs and stay; where that cannot be, their size is set aside. */
#include "layout.h"
#include "vmm/memory/memory_left.h"

#include <errno.h>
#include <string.h>

/* For each piece a table, where paging is shadowed the record of what it shadows, and a little for
 * the tables above; for each vCPU the pages that KVM keeps ready for it. */
#define PIECE_COST 12288u
#define VCPU_COST  (352u << 10)

/* Addresses that the guest's interrupt controllers have. Nothing is there for KVM to map, and yet
 * it makes tables in order to remember that. */
#define IO_APIC_GPA    0xfec00000ull
#define LOCAL_APIC_GPA 0xfee00000ull

static uint64_t pieces_of(uint64_t bytes)
{
    return (bytes / HF_PAGE_SIZE + PIECE_PAGES - 1) / PIECE_PAGES;
}

static int make_range(struct memory *memory, uint64_t gpa, uint64_t bytes, struct map_call *call)
{
    for (uint64_t at = 0; at < bytes; at += PIECE_PAGES * HF_PAGE_SIZE) {
        if (memory_prefault_page(memory, gpa + at, call) < 0)
            return -1;
        memory->ram_tables.ahead++;
    }
    return 0;
}

/* Where RAM was not made, one page of each piece is made here. */
static int make_ahead(struct memory *memory, const int *vcpu_fds, uint32_t vcpus)
{
    const uint64_t low = ram_below_hole(memory);
    struct map_call call = {.vcpu_fd = vcpu_fds[0]};

    if (memory_left() <= memory->ram_tables.room) {
        errno = ENOMEM;
        return -1;
    }
    if (make_range(memory, 0, low, &call) < 0 ||
        make_range(memory, MEMORY_ABOVE, memory->ram_bytes - low, &call) < 0)
        return -1;
    /* Refused where an access would be emulated, which is after the tables were made. */
    memory_prefault_page(memory, IO_APIC_GPA, &call);
    memory_prefault_page(memory, LOCAL_APIC_GPA, &call);
    /* Each vCPU finds its own pages ready at its first fault. */
    for (uint32_t i = 1; i < vcpus; i++) {
        call.vcpu_fd = vcpu_fds[i];
        if (memory_prefault_page(memory, 0, &call) < 0)
            return -1;
    }
    return 0;
}

/* Never taken again once it is lent: the tables have it then, and they stay. */
static int set_aside(struct memory *memory)
{
    if (ballast_init(&memory->ram_tables.ballast, memory->ram_tables.room, memory->ram_locked,
                     &memory->injection) < 0)
        return -1;
    ballast_want(&memory->ram_tables.ballast, (int64_t)memory->ram_tables.room);
    return ballast_resize(&memory->ram_tables.ballast);
}

int memory_make_ram_tables(struct memory *memory, const int *vcpu_fds, uint32_t vcpus,
                           struct error *error)
{
    struct ram_tables *tables = &memory->ram_tables;
    const uint64_t low = ram_below_hole(memory);

    tables->pieces = pieces_of(low) + pieces_of(memory->ram_bytes - low);
    tables->room = tables->pieces * PIECE_COST + vcpus * (uint64_t)VCPU_COST;
    if (memory->guarantee == GUARANTEE_OFF)
        return 0;
    if (memory->can_prefault && make_ahead(memory, vcpu_fds, vcpus) == 0) {
        tables->covered = true;
        return 0;
    }
    if (memory->guarantee == GUARANTEE_STRICT)
        return error_set(error,
                         "--guarantee strict: cannot make the %llu second-level tables of RAM: %s; "
                         "give the host or the memory cgroup more memory",
                         (unsigned long long)tables->pieces, strerror(errno));
    tables->covered = set_aside(memory) == 0;
    return 0;
}
