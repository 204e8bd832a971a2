/* SPDX-License-Identifier: MIT
 * What the files of this room share: the kinds of image, and where the loader puts what. */
#ifndef HOLDFAST_BOOT_IMAGE_H
#define HOLDFAST_BOOT_IMAGE_H

#include "boot.h"

#define ULL(value) ((unsigned long long)(value))

/* Guest-physical addresses below this are the loader's and not for kernels. */
#define BOOT_LOW_END 0x100000u

/* The first vCPU's page tables end here. */
#define ENTRY_BELOW 0x100000000ull

/* Where the loader puts things, above the real-mode vectors. */
#define GDT_GPA        0x0500u
#define START_INFO_GPA 0x6000u
#define ZERO_PAGE_GPA  0x7000u
#define PML4_GPA       0x9000u
#define PDPT_GPA       0xa000u
#define PD_GPA         0xb000u /* four of them: 4 GiB in pages of 2 MiB */
#define APPEND_GPA     0x20000u
#define APPEND_MAX     0x10000u
#define LOW_RAM_END    0x9fc00u
#define ACPI_GPA       0xe0000u /* where firmware has them, for kernels that search */
#define ACPI_BYTES     (BOOT_LOW_END - ACPI_GPA)

/* The largest kernel, packed or unpacked. */
#define KERNEL_MAX (1ull << 30)
#define INITRD_MAX (2ull << 30)

/* ---- file.c ---- */

/* Reads a regular file of at most so many bytes. 0, or -1 with the error set. */
int file_read(struct boot_file *file, uint64_t most, struct error *error);
void file_forget(struct boot_file *file);

/* ---- elf.c ---- */

/* What an ELF image allows. */
struct elf_facts {
    bool is_wide;       /* ELF64, which has an entry */
    uint64_t entry;     /* 64-bit, 0: none */
    uint64_t pvh_entry; /* 32-bit, 0: none */
    bool linux_notes;
};

bool elf_is(const struct boot_file *kernel);
/* Checks the whole image but for its entries. 0, or -1 with the error set. */
int elf_check(const struct boot_file *kernel, const struct memory *memory, struct elf_facts *facts,
              struct error *error);
/* Checks the entry that is to be taken, after elf_check(). 0, or -1 with the error set. */
int elf_check_entry(const struct boot_file *kernel, const struct memory *memory, uint64_t entry,
                    struct error *error);
/* Where a range that would lie at this address lies clear of the segments, at the next page below
 * that fits; 0: there is no room. After elf_check(). */
uint64_t elf_place_below(const struct boot_file *kernel, uint64_t at, uint64_t bytes);
/* Cannot fail after elf_check(). */
void elf_load(const struct boot_file *kernel, const struct memory *memory);

/* ---- note.c ---- */

/* Takes from a segment of notes what it says about the kernel. -1: the segment is damaged. */
int note_read(const uint8_t *bytes, size_t size, struct elf_facts *facts);

/* ---- bzimage.c ---- */

bool bzimage_is(const struct boot_file *kernel);
/* Checks the header and copies it. 0, or -1 with the error set. */
int bzimage_check(const struct boot_file *kernel, struct setup_header *header, struct error *error);
/* The packed kernel inside; false when the header names none. */
bool bzimage_payload(const struct boot_file *kernel, const struct setup_header *header,
                     const uint8_t **payload, size_t *size);
/* Checks that it can unpack itself in this RAM, for which it takes init_size bytes at pref_address.
 * 0, or -1 with the error set. */
int bzimage_place(const struct boot_file *kernel, const struct setup_header *header,
                  const struct memory *memory, struct error *error);
/* Cannot fail after bzimage_place(). */
void bzimage_load(const struct boot_file *kernel, const struct setup_header *header,
                  const struct memory *memory);

/* ---- unpack.c ---- */

/* Whether a payload is packed in a way that unpack() knows. */
bool unpack_knows(const uint8_t *payload, size_t size);
/* Replaces the bytes of a bzImage by those of its payload, unpacked. 0, or -1 with the error set
 * and the file as it was. */
int unpack(struct boot_file *kernel, const uint8_t *payload, size_t size, struct error *error);

/* ---- map.c ---- */

/* A part of the guest's memory map, typed as in e820. */
struct map_entry {
    uint64_t gpa;
    uint64_t bytes;
    uint32_t type;
};
#define MAP_RAM      1u
#define MAP_RESERVED 2u
#define MAP_ENTRIES  8u

/* How many entries there are. The arena is in none of them. */
uint32_t map_describe(const struct memory *memory, struct map_entry entries[MAP_ENTRIES]);

/* Where RAM below the PCI hole ends. */
uint64_t map_low_end(const struct memory *memory);

/* Moves a range of so many bytes from *at on down by whole pages if what is taken is in its way; to
 * 0 where there is no room. true: it has another place now, which is to be checked anew. */
bool map_move_below(uint64_t taken, uint64_t taken_bytes, uint64_t bytes, uint64_t *at);

/* ---- zero_page.c, start_info.c ---- */

void zero_page_write(const struct boot_image *image, const struct memory *memory);
void start_info_write(const struct boot_image *image, const struct memory *memory);

/* ---- entry.c ---- */

/* Page tables and GDT that boot_registers() relies on. */
void entry_write_tables(const struct memory *memory);

/* ---- acpi.c ---- */

/* Whether the tables for so many vCPUs fit into ACPI_BYTES. */
bool acpi_fits(uint32_t vcpus);
/* Writes the tables; the RSDP is at ACPI_GPA. */
void acpi_write(const struct memory *memory, uint32_t vcpus);

#endif
