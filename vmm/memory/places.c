/* SPDX-License-Identifier: MIT */
#include "places.h"

#include "cgroup_visit.h"
#include "layout.h"

static const char *cgroups(int version)
{
    const struct cgroup_mount *mount = cgroup_mount_of(version);

    return mount->found ? mount->point : NULL;
}

static struct memory_place place(const void *memory, uint64_t bytes)
{
    const uint64_t begin = (uintptr_t)memory;

    return (struct memory_place){begin, memory != NULL ? begin + bytes : begin};
}

void memory_tell_places(const struct memory *memory, struct memory_places *places)
{
    const struct ballast *ballast = &memory->ballast;
    const struct ballast *tables = &memory->ram_tables.ballast;

    *places = (struct memory_places){
        .arena = place(memory->arena, memory->arena_bytes),
        .ram = place(memory->ram, memory->ram_bytes),
        .ballast = place(ballast->memory, ballast->room),
        .ram_tables_ballast = place(tables->memory, tables->room),
        .cgroups = {cgroups(1), cgroups(2)},
    };
}
