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

int note_read(const uint8_t *bytes, size_t size, struct elf_facts *facts)
{
    while (size > 0) {
        Elf64_Nhdr note; /* the same in both classes */
        size_t name_bytes, value_bytes;

        if (size < sizeof note)
            return -1;
        memcpy(&note, bytes, sizeof note);
        bytes += sizeof note;
        size -= sizeof note;
        if (!padded(note.n_namesz, size, &name_bytes) ||
            !padded(note.n_descsz, size - name_bytes, &value_bytes))
            return -1;
        if (is_owner(&note, bytes, "Linux"))
            facts->linux_notes = true;
        if (is_owner(&note, bytes, "Xen") && note.n_type == NOTE_PHYS32_ENTRY) {
            if (note.n_descsz != 4 && note.n_descsz != 8)
                return -1;
            facts->pvh_entry = 0;
            memcpy(&facts->pvh_entry, bytes + name_bytes, note.n_descsz);
            if (facts->pvh_entry == 0 || facts->pvh_entry > UINT32_MAX)
                return -1;
        }
        bytes += name_bytes + value_bytes;
        size -= name_bytes + value_bytes;
    }
    return 0;
}
