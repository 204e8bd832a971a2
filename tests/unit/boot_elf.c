/* SPDX-License-Identifier: MIT
 * ELF images: which entry is taken, what is loaded, and that every damage is told. */
#include "boot_images.h"

#include <stdlib.h>

static struct memory *ram;
static struct made elf;

static int set_up(void **state)
{
    (void)state;
    ram = boot_ram(RAM_BYTES);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    boot_ram_forget(ram);
    return 0;
}

/* The way and the entry that an image gets. */
static void takes(unsigned notes, enum boot_way asked, enum boot_way way, uint64_t entry)
{
    struct boot_image image;
    struct error error;

    make_elf(&elf, notes);
    assert_int_equal(read_made(&image, &elf, asked, ram, &error), 0);
    assert_int_equal(image.way, way);
    assert_int_equal(image.entry, entry);
    boot_forget(&image);
}

static void the_entry_follows_the_notes(void **state)
{
    (void)state;
    takes(0, BOOT_AUTO, BOOT_DIRECT, KERNEL_GPA);
    takes(NOTES_PVH, BOOT_AUTO, BOOT_PVH, PVH_GPA);
    takes(NOTES_PVH | NOTES_LINUX, BOOT_AUTO, BOOT_DIRECT, KERNEL_GPA);
    takes(NOTES_PVH | NOTES_LINUX, BOOT_PVH, BOOT_PVH, PVH_GPA);
    takes(NOTES_PVH, BOOT_DIRECT, BOOT_DIRECT, KERNEL_GPA);
    make_elf(&elf, NOTES_LINUX);
    refuse(&elf, BOOT_PVH, ram, "has no PVH entry");
    refuse(&elf, BOOT_DECOMPRESSOR, ram, "is for a bzImage");
}

/* The same as an i386 image, which has only a PVH entry. */
static void make_narrow(unsigned notes)
{
    static struct made wide;
    make_elf(&wide, notes);
    const Elf64_Phdr *segment = ELF_SEGMENT(&wide, 0);

    memset(&elf, 0, sizeof elf);
    Elf32_Ehdr *header = made_add(&elf, NULL, sizeof *header);
    memcpy(header->e_ident, wide.bytes, EI_NIDENT);
    header->e_ident[EI_CLASS] = ELFCLASS32;
    header->e_type = ET_EXEC;
    header->e_machine = EM_386;
    header->e_entry = KERNEL_GPA;
    header->e_phoff = sizeof *header;
    header->e_phentsize = sizeof(Elf32_Phdr);
    header->e_phnum = 2;
    for (int i = 0; i < 2; i++) {
        const Elf32_Phdr narrow = {
            .p_type = segment[i].p_type,
            .p_offset = (uint32_t)segment[i].p_offset,
            .p_paddr = (uint32_t)segment[i].p_paddr,
            .p_filesz = (uint32_t)segment[i].p_filesz,
            .p_memsz = (uint32_t)segment[i].p_memsz,
        };
        made_add(&elf, &narrow, sizeof narrow);
    }
    made_add(&elf, wide.bytes + elf.size, wide.size - elf.size);
}

static void an_i386_image_needs_a_pvh_entry(void **state)
{
    struct boot_image image;
    struct error error;

    (void)state;
    make_narrow(NOTES_PVH | NOTES_LINUX);
    assert_int_equal(read_made(&image, &elf, BOOT_AUTO, ram, &error), 0);
    assert_int_equal(image.way, BOOT_PVH);
    boot_load(&image, ram);
    assert_memory_equal(ram->ram + KERNEL_GPA, ELF_CODE, sizeof ELF_CODE);
    boot_forget(&image);
    make_narrow(NOTES_LINUX);
    refuse(&elf, BOOT_AUTO, ram, "has no 64-bit entry, and no PVH entry");
}

static void it_is_loaded_and_the_rest_cleared(void **state)
{
    struct boot_image image;
    struct error error;

    (void)state;
    make_elf(&elf, 0);
    assert_int_equal(read_made(&image, &elf, BOOT_AUTO, ram, &error), 0);
    memset(ram->ram, 0xa5, RAM_BYTES);
    boot_load(&image, ram);
    assert_memory_equal(ram->ram + KERNEL_GPA, ELF_CODE, sizeof ELF_CODE);
    for (uint32_t at = KERNEL_GPA + sizeof ELF_CODE; at < KERNEL_END; at++)
        assert_int_equal(ram->ram[at], 0);
    assert_int_equal(ram->ram[KERNEL_END], 0xa5);
    assert_int_equal(ram->ram[KERNEL_GPA - 1], 0xa5);
    boot_forget(&image);
}

static void segments_outside_are_refused(void **state)
{
    (void)state;
    make_elf(&elf, 0);
    ELF_SEGMENT(&elf, 0)->p_filesz = UINT64_MAX;
    refuse(&elf, BOOT_AUTO, ram, "segment 0 lies outside the file");
    make_elf(&elf, 0);
    ELF_SEGMENT(&elf, 0)->p_offset = UINT64_MAX - 10;
    refuse(&elf, BOOT_AUTO, ram, "segment 0 lies outside the file");
    make_elf(&elf, 0);
    ELF_SEGMENT(&elf, 0)->p_memsz = 1;
    refuse(&elf, BOOT_AUTO, ram, "segment 0 lies outside the file");
    make_elf(&elf, 0);
    ELF_SEGMENT(&elf, 0)->p_memsz = UINT64_MAX - KERNEL_GPA + 1;
    refuse(&elf, BOOT_AUTO, ram, "does not fit into RAM");
    make_elf(&elf, 0);
    ELF_SEGMENT(&elf, 0)->p_paddr = 0xe0000; /* the loader's own */
    refuse(&elf, BOOT_AUTO, ram, "does not fit into RAM");
    make_elf(&elf, 0);
    ELF_SEGMENT(&elf, 1)->p_filesz++;
    refuse(&elf, BOOT_AUTO, ram, "segment 1 lies outside the file");
}

/* What note_read() says of these bytes. */
static int notes_of(const void *bytes, size_t size)
{
    struct elf_facts facts = {0};
    /* On the heap, exactly as long, for the sanitizer to watch its end. */
    uint8_t *copy = malloc(size + 1);
    memcpy(copy + 1, bytes, size); /* not aligned, either */
    const int result = note_read(copy + 1, size, &facts);

    free(copy);
    return result;
}

static void damaged_notes_are_refused(void **state)
{
    static const struct {
        uint32_t words[6];
        size_t size;
        int result;
    } cases[] = {
        {{0}, 0, 0},
        {{0}, 11, -1}, /* not a whole header */
        {{0}, 12, 0},  /* neither name nor value */
        {{4, 0, 18}, 12, -1},
        {{UINT32_MAX, 0, 18, 0}, 16, -1},
        {{UINT32_MAX - 2, UINT32_MAX - 2, 18, 0}, 16, -1},
        {{4, UINT32_MAX, 18, 0x006e6558}, 16, -1},
        {{4, 4, 18, 0x006e6558}, 16, -1},
        {{4, 4, 18, 0x006e6558, PVH_GPA}, 20, 0},
        {{4, 4, 18, 0x006e6558, 0}, 20, -1},
        {{4, 8, 18, 0x006e6558, PVH_GPA, 0}, 24, 0},
        {{4, 8, 18, 0x006e6558, PVH_GPA, 1}, 24, -1}, /* beyond 4 GiB */
        {{4, 5, 18, 0x006e6558, PVH_GPA, 0}, 24, -1}, /* neither 32 nor 64 bits */
        {{4, 1, 17, 0x006e6558, 0}, 17, 0},           /* the last one's padding may be missing */
        {{5, 0, 17, 0x006e6558, 0}, 17, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (notes_of(cases[i].words, cases[i].size) != cases[i].result)
            fail_msg("case %zu is not %d", i, cases[i].result);
    make_elf(&elf, NOTES_PVH);
    ELF_SEGMENT(&elf, 1)->p_filesz -= 20;
    refuse(&elf, BOOT_AUTO, ram, "damaged: the notes in segment 1");
}

static void entries_outside_ram_are_refused(void **state)
{
    const uint64_t outside[] = {0, 0xfffff, RAM_BYTES, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        make_elf(&elf, 0);
        ((Elf64_Ehdr *)(void *)elf.bytes)->e_entry = outside[i];
        refuse(&elf, BOOT_AUTO, ram, "lies outside RAM");
    }
    make_elf(&elf, NOTES_PVH);
    uint32_t *pvh = memmem(elf.bytes, elf.size, &(uint32_t){PVH_GPA}, 4);
    assert_non_null(pvh);
    *pvh = (uint32_t)RAM_BYTES;
    refuse(&elf, BOOT_AUTO, ram, "lies outside RAM");
}

static void every_shorter_file_is_refused(void **state)
{
    struct boot_image image;
    struct error error;

    (void)state;
    make_elf(&elf, NOTES_PVH);
    while (elf.size > 1) {
        elf.size--;
        assert_int_equal(read_made(&image, &elf, BOOT_AUTO, ram, &error), -1);
        assert_null(image.kernel.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_entry_follows_the_notes),
        cmocka_unit_test(an_i386_image_needs_a_pvh_entry),
        cmocka_unit_test(it_is_loaded_and_the_rest_cleared),
        cmocka_unit_test(segments_outside_are_refused),
        cmocka_unit_test(damaged_notes_are_refused),
        cmocka_unit_test(entries_outside_ram_are_refused),
        cmocka_unit_test(every_shorter_file_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, take_down);
}
