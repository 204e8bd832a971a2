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

/* As many segments of one kind as there may be, each a copy of the one given. */
static void repeat(const Elf64_Phdr *segment)
{
    Elf64_Ehdr *header = (void *)elf.bytes;

    header->e_phoff = elf.size;
    header->e_phnum = 256;
    for (int i = 0; i < 256; i++)
        made_add(&elf, segment, sizeof *segment);
}

/* A small file must not keep the VMM busy at each start and reset. */
static void loading_takes_no_longer_than_once_through_ram_and_file(void **state)
{
    (void)state;
    make_elf(&elf, 0);
    Elf64_Phdr segment = *ELF_SEGMENT(&elf, 0);
    segment.p_memsz = RAM_BYTES - KERNEL_GPA;
    repeat(&segment);
    refuse(&elf, BOOT_AUTO, ram, "up to segment 1 its segments have more than the 8388608 bytes");

    make_elf(&elf, 0);
    for (int i = 0; i < 512; i++)
        made_note(&elf, "GNU", 3, "0123456789abcdef", 16);
    segment = *ELF_SEGMENT(&elf, 1);
    segment.p_filesz = elf.size - segment.p_offset;
    repeat(&segment);
    refuse(&elf, BOOT_AUTO, ram, "its notes have more than the");
}

/* What note_read() says of these bytes; 1 if it finds a PVH entry. */
static int notes_of(const void *bytes, size_t size)
{
    struct elf_facts facts = {0};
    /* On the heap, exactly as long, for the sanitizer to watch its end. */
    uint8_t *copy = malloc(size + 1);
    memcpy(copy + 1, bytes, size); /* not aligned, either */
    const int result = note_read(copy + 1, size, &facts);

    free(copy);
    return result == 0 && facts.pvh_entry != 0 ? 1 : result;
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
        {{4, 4, 18, 0x006e6558, PVH_GPA}, 20, 1},
        {{4, 4, 18, 0x006e6558, 0}, 20, -1},
        {{4, 8, 18, 0x006e6558, PVH_GPA, 0}, 24, 1},
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

/* A linker that puts sections of notes together fills up to the alignment of the next one. */
static void padding_between_notes_is_skipped(void **state)
{
#define XEN   4, 4, 18, 0x006e6558, PVH_GPA
#define LINUX 6, 4, 0x101, 0x756e694c, 0x00000078, 0
#define GNU   4, 16, 5, 0x00554e47, 0xc0000002, 4, 3, 0
    static const struct {
        uint32_t words[32];
        unsigned count;
        int result;
    } cases[] = {
        {{XEN, 0, GNU}, 14, 1},
        {{GNU, XEN}, 13, 1},
        {{GNU, XEN, 0}, 14, 1},
        {{LINUX, XEN, 0, GNU}, 20, 1},
        {{XEN, LINUX, 0, GNU, 0, 0}, 22, 1},
        {{GNU, 0, 0, XEN}, 15, 1},    /* sections aligned to 16 bytes */
        {{XEN, 0, 0, 0, GNU}, 16, 1}, /* and to 32 */
        {{XEN, 0, 0, 0}, 8, 1},
        {{0, 4, 5, 0xaaaaaaaa, XEN}, 9, 1}, /* a note without a name is none */
        {{XEN, 0, 1}, 7, -1},
        {{XEN, 0, 4, 16}, 8, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (notes_of(cases[i].words, cases[i].count * 4) != cases[i].result)
            fail_msg("case %zu is not %d", i, cases[i].result);
}

/* An image whose code and entry are here; read into 6 GiB of RAM. */
static int read_at(uint64_t code, uint64_t entry, enum boot_way way, struct error *error)
{
    struct memory *large = boot_ram(6ull << 30);
    struct boot_image image;

    make_elf(&elf, way == BOOT_PVH ? NOTES_PVH : 0);
    ELF_SEGMENT(&elf, 0)->p_paddr = code;
    ((Elf64_Ehdr *)(void *)elf.bytes)->e_entry = entry;
    const int result = read_made(&image, &elf, way, large, error);
    if (result == 0)
        boot_forget(&image);
    boot_ram_forget(large);
    return result;
}

static void an_entry_that_is_not_mapped_is_refused(void **state)
{
    const uint64_t high = 4ull << 30;
    struct error error;

    (void)state;
    struct memory kept = *ram;
    assert_int_equal(read_at(high, high, BOOT_AUTO, &error), -1);
    assert_non_null(strstr(error.text, "entry 0x100000000 lies above 4 GiB"));
    assert_int_equal(read_at(high, high + 0x1000, BOOT_DIRECT, &error), -1);
    assert_non_null(strstr(error.text, "entry 0x100001000 lies above 4 GiB"));
    assert_int_equal(read_at(high, KERNEL_GPA, BOOT_DIRECT, &error), -1);
    assert_non_null(strstr(error.text, "entry 0x200000 lies in none of its segments"));
    assert_int_equal(read_at(KERNEL_GPA, KERNEL_END, BOOT_DIRECT, &error), -1);
    assert_non_null(strstr(error.text, "in none of its segments"));
    assert_int_equal(read_at(KERNEL_GPA, KERNEL_END - 1, BOOT_DIRECT, &error), 0);
    /* Kernels with a PVH entry may name another one by its virtual address. */
    assert_int_equal(read_at(KERNEL_GPA, 0xffffffff81000000, BOOT_PVH, &error), 0);
    assert_int_equal(read_at(high, KERNEL_GPA, BOOT_PVH, &error), -1);
    assert_non_null(strstr(error.text, "entry 0x200010 lies in none of its segments"));
    *ram = kept;
}

static void linux_takes_2047_bytes_of_command_line(void **state)
{
    static const struct {
        unsigned notes;
        enum boot_way way;
        size_t most;
    } cases[] = {
        {NOTES_LINUX, BOOT_DIRECT, 2047},
        {NOTES_LINUX | NOTES_PVH, BOOT_PVH, 2047},
        {0, BOOT_DIRECT, APPEND_MAX - 1},
    };
    static char append[APPEND_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct boot_image image;
        struct error error;
        char wanted[100];
        make_elf(&elf, cases[i].notes);
        memset(append, 0, sizeof append);
        memset(append, 'x', cases[i].most);
        assert_int_equal(read_with_append(&image, &elf, append, cases[i].way, ram, &error), 0);
        boot_forget(&image);
        append[cases[i].most] = 'x';
        assert_int_equal(read_with_append(&image, &elf, append, cases[i].way, ram, &error), -1);
        snprintf(wanted, sizeof wanted, "--append: %zu bytes are too many", cases[i].most + 1);
        assert_non_null(strstr(error.text, wanted));
    }
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
        cmocka_unit_test(loading_takes_no_longer_than_once_through_ram_and_file),
        cmocka_unit_test(damaged_notes_are_refused),
        cmocka_unit_test(padding_between_notes_is_skipped),
        cmocka_unit_test(entries_outside_ram_are_refused),
        cmocka_unit_test(an_entry_that_is_not_mapped_is_refused),
        cmocka_unit_test(linux_takes_2047_bytes_of_command_line),
        cmocka_unit_test(every_shorter_file_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, take_down);
}
