/* SPDX-License-Identifier: MIT
 * An ELF64 executable, checked whole before any of it is used. */
#include "boot.h"
#include "holdfast/abi.h"
#include "vmm/memory/memory.h"

#include <elf.h>
#include <string.h>

#define ULL(value) ((unsigned long long)(value))

#define SEGMENTS_MOST 256u /* each may be as long as RAM, and is cleared */

static const Elf64_Phdr *segments(const struct boot_image *image, Elf64_Ehdr *header)
{
    memcpy(header, image->bytes, sizeof *header);
    return (const Elf64_Phdr *)(const void *)(image->bytes + header->e_phoff);
}

static int check_header(const struct boot_image *image, struct error *error)
{
    Elf64_Ehdr header;

    if (image->size < sizeof header || memcmp(image->bytes, ELFMAG, SELFMAG) != 0)
        return error_set(error, "--kernel %s: not an ELF image", image->path);
    memcpy(&header, image->bytes, sizeof header);
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
        header.e_machine != EM_X86_64 || header.e_type != ET_EXEC)
        return error_set(error,
                         "--kernel %s: not an x86-64 ELF executable (class %u, machine %u, "
                         "type %u)",
                         image->path, header.e_ident[EI_CLASS], header.e_machine, header.e_type);
    if (header.e_phnum > SEGMENTS_MOST)
        return error_set(error, "--kernel %s: %u program headers are too many, at most %u",
                         image->path, header.e_phnum, SEGMENTS_MOST);
    if (header.e_phnum == 0 || header.e_phentsize != sizeof(Elf64_Phdr) ||
        header.e_phoff % 8 != 0 || header.e_phoff > image->size ||
        header.e_phnum > (image->size - header.e_phoff) / sizeof(Elf64_Phdr))
        return error_set(error, "--kernel %s: damaged: its program headers lie outside the file",
                         image->path);
    return 0;
}

static int check_segment(const struct boot_image *image, const struct memory *memory,
                         const Elf64_Phdr *segment, unsigned number, struct error *error)
{
    if (segment->p_offset > image->size || segment->p_filesz > image->size - segment->p_offset ||
        segment->p_filesz > segment->p_memsz)
        return error_set(error, "--kernel %s: damaged: segment %u lies outside the file",
                         image->path, number);
    if (segment->p_paddr < BOOT_LOW_END ||
        memory_ram_at(memory, segment->p_paddr, segment->p_memsz) == NULL)
        return error_set(error,
                         "--kernel %s: segment %u (%llu bytes at guest-physical 0x%llx) does not "
                         "fit into RAM above 1 MiB; raise --memory",
                         image->path, number, ULL(segment->p_memsz), ULL(segment->p_paddr));
    return 0;
}

int elf_check(const struct boot_image *image, const struct memory *memory, uint64_t *entry,
              struct error *error)
{
    Elf64_Ehdr header;

    if (check_header(image, error) < 0)
        return -1;
    const Elf64_Phdr *segment = segments(image, &header);
    for (unsigned i = 0; i < header.e_phnum; i++)
        if (segment[i].p_type == PT_LOAD && check_segment(image, memory, &segment[i], i, error) < 0)
            return -1;
    if (header.e_entry < BOOT_LOW_END || memory_ram_at(memory, header.e_entry, 1) == NULL)
        return error_set(error, "--kernel %s: entry 0x%llx lies outside RAM", image->path,
                         ULL(header.e_entry));
    *entry = header.e_entry;
    return 0;
}

void elf_load(const struct boot_image *image, const struct memory *memory)
{
    Elf64_Ehdr header;
    const Elf64_Phdr *segment = segments(image, &header);

    for (unsigned i = 0; i < header.e_phnum; i++) {
        if (segment[i].p_type != PT_LOAD || segment[i].p_memsz == 0)
            continue;
        uint8_t *ram = memory_ram_at(memory, segment[i].p_paddr, segment[i].p_memsz);
        memcpy(ram, image->bytes + segment[i].p_offset, segment[i].p_filesz);
        memset(ram + segment[i].p_filesz, 0, segment[i].p_memsz - segment[i].p_filesz);
    }
}
