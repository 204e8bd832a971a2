/* SPDX-License-Identifier: MIT
 * An ELF executable, checked whole before any of it is used: x86-64, or, for a PVH kernel, i386. */
#include "image.h"

#include "vmm/memory/memory.h"

#include <elf.h>
#include <string.h>

#define SEGMENTS_MOST 256u

/* The two classes' headers in one form. */
struct headers {
    bool wide;
    uint16_t machine, type, count, entry_size;
    uint64_t at, entry;
};

static void read_headers(const struct boot_file *kernel, struct headers *headers)
{
    if (kernel->bytes[EI_CLASS] == ELFCLASS64) {
        Elf64_Ehdr elf;
        memcpy(&elf, kernel->bytes, sizeof elf);
        *headers =
            (struct headers){true,        elf.e_machine, elf.e_type, elf.e_phnum, elf.e_phentsize,
                             elf.e_phoff, elf.e_entry};
    } else {
        Elf32_Ehdr elf;
        memcpy(&elf, kernel->bytes, sizeof elf);
        *headers = (struct headers){false,           elf.e_machine, elf.e_type, elf.e_phnum,
                                    elf.e_phentsize, elf.e_phoff,   elf.e_entry};
    }
}

static Elf64_Phdr segment(const struct boot_file *kernel, const struct headers *headers,
                          unsigned number)
{
    const uint8_t *at = kernel->bytes + headers->at + (size_t)number * headers->entry_size;
    Elf64_Phdr wide;
    Elf32_Phdr narrow;

    if (headers->wide) {
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
    memcpy(&narrow, at, sizeof narrow);
    return (Elf64_Phdr){.p_type = narrow.p_type,
                        .p_offset = narrow.p_offset,
                        .p_paddr = narrow.p_paddr,
                        .p_filesz = narrow.p_filesz,
                        .p_memsz = narrow.p_memsz};
}

bool elf_is(const struct boot_file *kernel)
{
    return kernel->size >= SELFMAG && memcmp(kernel->bytes, ELFMAG, SELFMAG) == 0;
}

static int check_headers(const struct boot_file *kernel, struct headers *headers,
                         struct error *error)
{
    if (kernel->size < sizeof(Elf64_Ehdr))
        return error_set(error, "--kernel %s: damaged: %zu bytes are too short for an ELF image",
                         kernel->path, kernel->size);
    read_headers(kernel, headers);
    const bool wide = headers->wide;
    if ((!wide && kernel->bytes[EI_CLASS] != ELFCLASS32) || kernel->bytes[EI_DATA] != ELFDATA2LSB ||
        headers->machine != (wide ? EM_X86_64 : EM_386) || headers->type != ET_EXEC)
        return error_set(error,
                         "--kernel %s: not an x86 ELF executable (class %u, machine %u, type %u)",
                         kernel->path, kernel->bytes[EI_CLASS], headers->machine, headers->type);
    if (headers->count > SEGMENTS_MOST)
        return error_set(error, "--kernel %s: %u program headers are too many, at most %u",
                         kernel->path, headers->count, SEGMENTS_MOST);
    if (headers->count == 0 ||
        headers->entry_size != (wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) ||
        headers->at > kernel->size ||
        headers->count > (kernel->size - headers->at) / headers->entry_size)
        return error_set(error, "--kernel %s: damaged: its program headers lie outside the file",
                         kernel->path);
    return 0;
}

/* What segments may still have in all: each may be as long as RAM or the file, and to go through
 * all of them must not take longer than once through either. */
struct work_left {
    uint64_t ram;
    uint64_t notes;
};

static bool take_work(uint64_t *left, uint64_t bytes)
{
    if (bytes > *left)
        return false;
    *left -= bytes;
    return true;
}

static int check_segment(const struct boot_file *kernel, const struct memory *memory,
                         const Elf64_Phdr *part, unsigned number, struct work_left *left,
                         struct elf_facts *facts, struct error *error)
{
    if (part->p_type != PT_LOAD && part->p_type != PT_NOTE)
        return 0;
    if (part->p_offset > kernel->size || part->p_filesz > kernel->size - part->p_offset ||
        (part->p_type == PT_LOAD && part->p_filesz > part->p_memsz))
        return error_set(error, "--kernel %s: damaged: segment %u lies outside the file",
                         kernel->path, number);
    if (part->p_type == PT_NOTE) {
        if (!take_work(&left->notes, part->p_filesz))
            return error_set(error,
                             "--kernel %s: damaged: up to segment %u its notes have more than the "
                             "%zu bytes of the file",
                             kernel->path, number, kernel->size);
        if (note_read(kernel->bytes + part->p_offset, part->p_filesz, facts) < 0)
            return error_set(error, "--kernel %s: damaged: the notes in segment %u", kernel->path,
                             number);
        return 0;
    }
    if (part->p_paddr < BOOT_LOW_END || memory_ram_at(memory, part->p_paddr, part->p_memsz) == NULL)
        return error_set(error,
                         "--kernel %s: segment %u (%llu bytes at guest-physical 0x%llx) does not "
                         "fit into RAM above 1 MiB; raise --memory",
                         kernel->path, number, ULL(part->p_memsz), ULL(part->p_paddr));
    if (!take_work(&left->ram, part->p_memsz))
        return error_set(
            error,
            "--kernel %s: damaged: up to segment %u its segments have more than the %llu "
            "bytes of RAM, so that some lie in the same place",
            kernel->path, number, ULL(memory_ram_bytes(memory)));
    return 0;
}

static bool is_loaded(const struct boot_file *kernel, uint64_t gpa)
{
    struct headers headers;

    read_headers(kernel, &headers);
    for (unsigned i = 0; i < headers.count; i++) {
        const Elf64_Phdr part = segment(kernel, &headers, i);
        if (part.p_type == PT_LOAD && gpa >= part.p_paddr && gpa - part.p_paddr < part.p_memsz)
            return true;
    }
    return false;
}

int elf_check_entry(const struct boot_file *kernel, const struct memory *memory, uint64_t entry,
                    struct error *error)
{
    if (entry < BOOT_LOW_END || memory_ram_at(memory, entry, 1) == NULL)
        return error_set(error, "--kernel %s: entry 0x%llx lies outside RAM", kernel->path,
                         ULL(entry));
    if (entry >= ENTRY_BELOW)
        return error_set(error,
                         "--kernel %s: entry 0x%llx lies above 4 GiB, where nothing is mapped when "
                         "a kernel begins; link it lower",
                         kernel->path, ULL(entry));
    if (!is_loaded(kernel, entry))
        return error_set(error, "--kernel %s: entry 0x%llx lies in none of its segments",
                         kernel->path, ULL(entry));
    return 0;
}

int elf_check(const struct boot_file *kernel, const struct memory *memory, struct elf_facts *facts,
              struct error *error)
{
    struct work_left left = {memory_ram_bytes(memory), kernel->size};
    struct headers headers;

    *facts = (struct elf_facts){0};
    if (check_headers(kernel, &headers, error) < 0)
        return -1;
    for (unsigned i = 0; i < headers.count; i++) {
        const Elf64_Phdr part = segment(kernel, &headers, i);
        if (check_segment(kernel, memory, &part, i, &left, facts, error) < 0)
            return -1;
    }
    if (headers.wide)
        facts->entry = headers.entry;
    facts->is_wide = headers.wide;
    return 0;
}

uint64_t elf_place_below(const struct boot_file *kernel, uint64_t at, uint64_t bytes)
{
    struct headers headers;
    bool moved = true;

    read_headers(kernel, &headers);
    while (moved) {
        moved = false;
        for (unsigned i = 0; i < headers.count; i++) {
            const Elf64_Phdr part = segment(kernel, &headers, i);
            moved = (part.p_type == PT_LOAD &&
                     map_move_below(part.p_paddr, part.p_memsz, bytes, &at)) ||
                    moved;
        }
    }
    return at;
}

void elf_load(const struct boot_file *kernel, const struct memory *memory)
{
    struct headers headers;

    read_headers(kernel, &headers);
    for (unsigned i = 0; i < headers.count; i++) {
        const Elf64_Phdr part = segment(kernel, &headers, i);
        if (part.p_type != PT_LOAD || part.p_memsz == 0)
            continue;
        uint8_t *ram = memory_ram_at(memory, part.p_paddr, part.p_memsz);
        memcpy(ram, kernel->bytes + part.p_offset, part.p_filesz);
        memset(ram + part.p_filesz, 0, part.p_memsz - part.p_filesz);
    }
}
