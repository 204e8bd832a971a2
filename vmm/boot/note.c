/* SPDX-License-Identifier: MIT
 * The ELF notes of a kernel: the PVH entry, and whether it is Linux. */
#include "image.h"

#include <elf.h>
#include <string.h>

#define NOTE_PHYS32_ENTRY 18u /* of owner "Xen": include/xen/interface/elfnote.h of the kernel */

/* The length of a name or descriptor with its padding; false if it goes beyond what is left. */
static bool padded(uint32_t length, size_t left, size_t *whole)
{
    if (length > left)
        return false;
    *whole = ((size_t)length + 3) & ~(size_t)3;
    if (*whole > left)
        *whole = left; /* the last one may lack its padding */
    return true;
}

static bool is_owner(const Elf64_Nhdr *note, const uint8_t *name, const char *owner)
{
    return note->n_namesz == strlen(owner) + 1 && memcmp(name, owner, note->n_namesz) == 0;
}

/* The header of a note and the lengths of what follows it; false if it does not fit. */
static bool read_header(const uint8_t *bytes, size_t size, Elf64_Nhdr *note, size_t *name_bytes,
                        size_t *value_bytes)
{
    if (size < sizeof *note)
        return false;
    memcpy(note, bytes, sizeof *note); /* the same in both classes */
    size -= sizeof *note;
    return padded(note->n_namesz, size, name_bytes) &&
           padded(note->n_descsz, size - *name_bytes, value_bytes);
}

/* Whether a word of zeroes fills up to the next note: a linker that puts sections of notes together
 * aligns each as it wants, most to 4 bytes and some to 8 or more. Zeroes also begin a note without
 * a name, which may stand there if no other note follows. */
static bool is_padding(const uint8_t *bytes, size_t at, size_t size)
{
    const size_t left = size - at;
    uint32_t word[2] = {0};
    Elf64_Nhdr next;
    size_t name_bytes, value_bytes;

    memcpy(word, bytes + at, left < sizeof word ? left : sizeof word);
    if (left < 4 || word[0] != 0)
        return false;
    return left < sizeof next || word[1] == 0 ||
           (at % 8 == 4 && read_header(bytes + at + 4, left - 4, &next, &name_bytes, &value_bytes));
}

/* -1: it names an entry that cannot be one. */
static int read_entry(const uint8_t *value, uint32_t bytes, struct elf_facts *facts)
{
    if (bytes != 4 && bytes != 8)
        return -1;
    facts->pvh_entry = 0;
    memcpy(&facts->pvh_entry, value, bytes);
    return facts->pvh_entry != 0 && facts->pvh_entry <= UINT32_MAX ? 0 : -1;
}

int note_read(const uint8_t *bytes, size_t size, struct elf_facts *facts)
{
    size_t at = 0;

    while (at < size) {
        Elf64_Nhdr note;
        size_t name_bytes, value_bytes;

        if (is_padding(bytes, at, size)) {
            at += 4;
            continue;
        }
        if (!read_header(bytes + at, size - at, &note, &name_bytes, &value_bytes))
            return -1;
        const uint8_t *name = bytes + at + sizeof note;
        if (is_owner(&note, name, "Linux"))
            facts->linux_notes = true;
        if (is_owner(&note, name, "Xen") && note.n_type == NOTE_PHYS32_ENTRY &&
            read_entry(name + name_bytes, note.n_descsz, facts) < 0)
            return -1;
        at += sizeof note + name_bytes + value_bytes;
    }
    return 0;
}
