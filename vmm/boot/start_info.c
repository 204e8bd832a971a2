/* SPDX-License-Identifier: MIT
 * The structure that a PVH kernel is given (include/xen/interface/hvm/start_info.h of Linux). */
#include "image.h"

#include "vmm/memory/memory.h"

#include <string.h>

#define START_MAGIC 0x336ec578u

struct start_info {
    uint32_t magic, version, flags, modules;
    uint64_t module_list, append, rsdp, map;
    uint32_t map_entries, reserved;
};
_Static_assert(sizeof(struct start_info) == 56, "as Xen has it");

struct start_module {
    uint64_t gpa, bytes, append, reserved;
};

struct start_map_entry {
    uint64_t gpa, bytes;
    uint32_t type, reserved;
};

struct start_page {
    struct start_info info;
    struct start_module initrd;
    struct start_map_entry map[MAP_ENTRIES];
};

void start_info_write(const struct boot_image *image, const struct memory *memory)
{
    struct start_page *page = memory_ram_at(memory, START_INFO_GPA, sizeof *page);
    struct map_entry map[MAP_ENTRIES];
    const uint32_t entries = map_describe(memory, map);

    memset(page, 0, sizeof *page);
    page->info = (struct start_info){
        .magic = START_MAGIC,
        .version = 1,
        .append = APPEND_GPA,
        .rsdp = ACPI_GPA,
        .map = START_INFO_GPA + offsetof(struct start_page, map),
        .map_entries = entries,
    };
    if (image->initrd.bytes != NULL) {
        page->info.modules = 1;
        page->info.module_list = START_INFO_GPA + offsetof(struct start_page, initrd);
        page->initrd = (struct start_module){.gpa = image->initrd_gpa, .bytes = image->initrd.size};
    }
    for (uint32_t i = 0; i < entries; i++)
        page->map[i] = (struct start_map_entry){map[i].gpa, map[i].bytes, map[i].type, 0};
}
