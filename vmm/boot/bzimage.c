/* SPDX-License-Identifier: MIT
 * A Linux bzImage by the 64-bit boot protocol (Documentation/arch/x86/boot.rst of the kernel). */
#include "image.h"

#include "vmm/memory/memory.h"

#include <string.h>

#define HEADER_AT       0x1f1u
#define HEADER_MAGIC    0x53726448u /* "HdrS" */
#define SECTOR          512u
#define SECTORS_DEFAULT 4u
#define VERSION_LEAST   0x020cu /* xloadflags, Linux 3.8 */
#define XLF_64          0x0001u /* there is a 64-bit entry, 0x200 behind the start */

static struct setup_header read_header(const struct boot_file *kernel)
{
    struct setup_header header;

    memcpy(&header, kernel->bytes + HEADER_AT, sizeof header);
    return header;
}

bool bzimage_is(const struct boot_file *kernel)
{
    if (kernel->size < HEADER_AT + sizeof(struct setup_header))
        return false;
    const struct setup_header header = read_header(kernel);
    return header.boot_flag == 0xaa55 && header.header == HEADER_MAGIC;
}

/* Before the protected-mode kernel stands the code for real mode, which nobody needs here. */
static size_t setup_bytes(const struct setup_header *header)
{
    const size_t sectors = header->setup_sects != 0 ? header->setup_sects : SECTORS_DEFAULT;

    return (sectors + 1) * SECTOR;
}

int bzimage_check(const struct boot_file *kernel, struct setup_header *header, struct error *error)
{
    *header = read_header(kernel);
    if (header->version < VERSION_LEAST || (header->xloadflags & XLF_64) == 0)
        return error_set(error,
                         "--kernel %s: a bzImage without a 64-bit entry (boot protocol %u.%02u, "
                         "load flags 0x%x); a kernel for x86-64, Linux 3.8 or later, has one",
                         kernel->path, header->version >> 8, header->version & 0xff,
                         header->xloadflags);
    if (setup_bytes(header) >= kernel->size)
        return error_set(error,
                         "--kernel %s: damaged: %zu bytes, and its kernel is to begin at %zu",
                         kernel->path, kernel->size, setup_bytes(header));
    if (header->payload_length > 0) {
        const size_t body = kernel->size - setup_bytes(header);
        if (header->payload_offset > body || header->payload_length > body - header->payload_offset)
            return error_set(error,
                             "--kernel %s: damaged: the packed kernel inside (%u bytes at %u of "
                             "%zu) lies outside the file",
                             kernel->path, header->payload_length, header->payload_offset, body);
    }
    return 0;
}

bool bzimage_payload(const struct boot_file *kernel, const struct setup_header *header,
                     const uint8_t **payload, size_t *size)
{
    *payload = kernel->bytes + setup_bytes(header) + header->payload_offset;
    *size = header->payload_length;
    return header->payload_length > 0;
}

int bzimage_place(const struct boot_file *kernel, const struct setup_header *header,
                  const struct memory *memory, struct error *error)
{
    const size_t body = kernel->size - setup_bytes(header);

    if (header->pref_address < BOOT_LOW_END || header->init_size < body)
        return error_set(error,
                         "--kernel %s: damaged: it wants %u bytes at guest-physical 0x%llx for a "
                         "kernel of %zu",
                         kernel->path, header->init_size, ULL(header->pref_address), body);
    if (header->pref_address >= map_low_end(memory) ||
        header->init_size > map_low_end(memory) - header->pref_address)
        return error_set(error,
                         "--kernel %s: needs %u bytes at guest-physical 0x%llx to unpack itself, "
                         "which RAM does not have; raise --memory",
                         kernel->path, header->init_size, ULL(header->pref_address));
    return 0;
}

void bzimage_load(const struct boot_file *kernel, const struct setup_header *header,
                  const struct memory *memory)
{
    const size_t body = kernel->size - setup_bytes(header);

    memcpy(memory_ram_at(memory, header->pref_address, body), kernel->bytes + setup_bytes(header),
           body);
}
