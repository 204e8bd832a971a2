/* SPDX-License-Identifier: MIT
 * What the guest is told about its memory. */
#include "image.h"

#include "holdfast/abi.h"
#include "vmm/memory/memory.h"

uint64_t map_low_end(const struct memory *memory)
{
    const uint64_t ram = memory_ram_bytes(memory);

    return ram < MEMORY_HOLE ? ram : MEMORY_HOLE;
}

uint32_t map_describe(const struct memory *memory, struct map_entry entries[MAP_ENTRIES])
{
    const uint64_t low = map_low_end(memory);
    uint32_t count = 0;

    entries[count++] = (struct map_entry){0, LOW_RAM_END, MAP_RAM};
    entries[count++] = (struct map_entry){ACPI_GPA, ACPI_BYTES, MAP_RESERVED};
    entries[count++] = (struct map_entry){BOOT_LOW_END, low - BOOT_LOW_END, MAP_RAM};
    if (memory_ram_bytes(memory) > low)
        entries[count++] =
            (struct map_entry){MEMORY_ABOVE, memory_ram_bytes(memory) - low, MAP_RAM};
    return count;
}

bool map_move_below(uint64_t taken, uint64_t taken_bytes, uint64_t bytes, uint64_t *at)
{
    if (bytes == 0 || taken_bytes == 0 || *at >= taken + taken_bytes || taken >= *at + bytes)
        return false;
    *at = taken < bytes ? 0 : (taken - bytes) & ~(HF_PAGE_SIZE - 1);
    return *at != 0;
}
