/* SPDX-License-Identifier: MIT
 * struct boot_params, the "zero page" of Linux' boot protocol. */
#include "image.h"

#include "vmm/memory/memory.h"

#include <string.h>

#define LOADER_UNDEFINED 0xffu

void zero_page_write(const struct boot_image *image, const struct memory *memory)
{
    struct boot_params *params = memory_ram_at(memory, ZERO_PAGE_GPA, sizeof *params);
    struct map_entry map[MAP_ENTRIES];
    const uint32_t entries = map_describe(memory, map);

    memset(params, 0, sizeof *params);
    params->hdr = image->header;
    if (params->hdr.header == 0) { /* an ELF image has none */
        params->hdr.boot_flag = 0xaa55;
        params->hdr.header = 0x53726448; /* "HdrS" */
        params->hdr.version = 0x020f;
    }
    params->hdr.type_of_loader = LOADER_UNDEFINED;
    params->hdr.loadflags |= LOADED_HIGH;
    params->hdr.setup_data = 0;
    params->hdr.cmd_line_ptr = APPEND_GPA;
    params->hdr.cmdline_size = (uint32_t)strlen(image->append);
    params->hdr.ramdisk_image = (uint32_t)image->initrd_gpa;
    params->hdr.ramdisk_size = (uint32_t)image->initrd.size;
    params->acpi_rsdp_addr = ACPI_GPA;
    for (uint32_t i = 0; i < entries; i++)
        params->e820_table[i] = (struct boot_e820_entry){map[i].gpa, map[i].bytes, map[i].type};
    params->e820_entries = (uint8_t)entries;
}
