/* SPDX-License-Identifier: MIT
 * bzImages: the kernel inside is taken out where that is possible, and what is damaged is told
 * before any of it is used. */
#include "boot_images.h"

#include <stdlib.h>

static struct memory *ram;
static struct made image_file;

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

static void takes(enum packing packing, enum boot_way asked, enum boot_way way, uint64_t entry)
{
    struct boot_image image;
    struct error error;

    make_bzimage_of_elf(&image_file, packing, NOTES_PVH | NOTES_LINUX);
    if (read_made(&image, &image_file, asked, ram, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(image.way, way);
    assert_int_equal(image.entry, entry);
    memset(ram->ram, 0, RAM_BYTES);
    boot_load(&image, ram);
    if (way == BOOT_DECOMPRESSOR)
        assert_memory_equal(ram->ram + 0x100000, image_file.bytes + SETUP_BYTES,
                            image_file.size - SETUP_BYTES);
    else
        assert_memory_equal(ram->ram + KERNEL_GPA, ELF_CODE, sizeof ELF_CODE);
    const struct boot_params *params = (const void *)(ram->ram + ZERO_PAGE_GPA);
    assert_int_equal(params->hdr.init_size, INIT_SIZE);
    boot_forget(&image);
}

static void the_kernel_inside_is_taken_out(void **state)
{
    const enum packing known[] = {PACK_ZSTD, PACK_XZ};

    (void)state;
    for (int i = 0; i < 2; i++) {
        takes(known[i], BOOT_AUTO, BOOT_DIRECT, KERNEL_GPA);
        takes(known[i], BOOT_DIRECT, BOOT_DIRECT, KERNEL_GPA);
        takes(known[i], BOOT_PVH, BOOT_PVH, PVH_GPA);
        takes(known[i], BOOT_DECOMPRESSOR, BOOT_DECOMPRESSOR, 0x100200);
    }
}

static void another_packing_unpacks_itself(void **state)
{
    (void)state;
    takes(PACK_LZ4, BOOT_AUTO, BOOT_DECOMPRESSOR, 0x100200);
    make_bzimage_of_elf(&image_file, PACK_LZ4, 0);
    refuse(&image_file, BOOT_DIRECT, ram, "--boot decompressor boots it");
    refuse(&image_file, BOOT_PVH, ram, "--boot decompressor boots it");
}

static void a_header_that_lies_is_refused(void **state)
{
    struct setup_header *header = bzimage_header(&image_file);

#define LIE(change, way, why)                                                                      \
    make_bzimage_of_elf(&image_file, PACK_ZSTD, 0);                                                \
    header->change;                                                                                \
    refuse(&image_file, way, ram, why)

    (void)state;
    LIE(boot_flag = 0, BOOT_AUTO, "neither an ELF image nor a Linux bzImage");
    LIE(header = 0, BOOT_AUTO, "neither an ELF image nor a Linux bzImage");
    LIE(version = 0x20b, BOOT_AUTO, "without a 64-bit entry");
    LIE(xloadflags = 0, BOOT_AUTO, "without a 64-bit entry");
    LIE(setup_sects = 255, BOOT_AUTO, "its kernel is to begin at 131072");
    LIE(payload_offset = UINT32_MAX, BOOT_AUTO, "lies outside the file");
    LIE(payload_length = UINT32_MAX, BOOT_AUTO, "lies outside the file");
    LIE(payload_offset += 25, BOOT_AUTO, "lies outside the file");
    LIE(payload_length = 5, BOOT_AUTO, "damaged");
    LIE(payload_length -= 1, BOOT_AUTO, "damaged");
    LIE(init_size = 10, BOOT_DECOMPRESSOR, "damaged: it wants 10 bytes");
    LIE(init_size = UINT32_MAX, BOOT_DECOMPRESSOR, "raise --memory");
    LIE(pref_address = 0xe0000, BOOT_DECOMPRESSOR, "damaged");
    LIE(pref_address = UINT64_MAX, BOOT_DECOMPRESSOR, "raise --memory");
    LIE(pref_address = RAM_BYTES - INIT_SIZE + 1, BOOT_DECOMPRESSOR, "raise --memory");
    LIE(cmdline_size = 4, BOOT_AUTO, "--append: 5 bytes are too many for this kernel, at most 4");
#undef LIE
}

static void set_length(uint32_t length)
{
    struct setup_header *header = bzimage_header(&image_file);

    memcpy(bzimage_inside(&image_file) + header->payload_length - 4, &length, 4);
}

/* What is inside becomes exactly as long as it says, or nothing. */
static void a_bomb_does_not_go_off(void **state)
{
    const enum packing known[] = {PACK_ZSTD, PACK_XZ};
    const size_t large = 64 * MIB;
    uint8_t *zeroes = calloc(1, large);

    (void)state;
    for (int i = 0; i < 2; i++) {
        make_bzimage(&image_file, known[i], zeroes, large); /* in FILE_MOST bytes */
        set_length(1000);
        refuse(&image_file, BOOT_AUTO, ram, "cannot be unpacked");
        set_length((uint32_t)large + 1);
        refuse(&image_file, BOOT_AUTO, ram, "cannot be unpacked");
        set_length(UINT32_MAX);
        refuse(&image_file, BOOT_AUTO, ram, "at most 1073741824 are allowed");
        set_length(0);
        refuse(&image_file, BOOT_AUTO, ram, "to have 0 bytes unpacked");
        set_length((uint32_t)large);
        refuse(&image_file, BOOT_AUTO, ram, "neither an ELF image nor a Linux bzImage");
    }
    free(zeroes);
}

static void a_bzimage_inside_a_bzimage_is_not_opened(void **state)
{
    static struct made inner;

    (void)state;
    make_bzimage_of_elf(&inner, PACK_ZSTD, 0);
    make_bzimage(&image_file, PACK_ZSTD, inner.bytes, inner.size);
    refuse(&image_file, BOOT_AUTO, ram, "neither an ELF image nor a Linux bzImage");
}

/* Both formats carry sums of their own: a flipped bit is noticed, or does not matter. */
static void a_flipped_bit_inside_is_noticed(void **state)
{
    const enum packing known[] = {PACK_ZSTD, PACK_XZ};
    static struct made elf;
    struct boot_image image;
    struct error error;
    unsigned taken = 0;

    (void)state;
    make_elf(&elf, 0);
    for (int i = 0; i < 2; i++) {
        make_bzimage(&image_file, known[i], elf.bytes, elf.size);
        const uint32_t length = bzimage_header(&image_file)->payload_length;
        for (uint32_t bit = 0; bit < 8 * length; bit++) {
            bzimage_inside(&image_file)[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (read_made(&image, &image_file, BOOT_DIRECT, ram, &error) == 0) {
                assert_int_equal(image.kernel.size, elf.size);
                assert_memory_equal(image.kernel.bytes, elf.bytes, elf.size);
                boot_forget(&image);
                taken++;
            }
            bzimage_inside(&image_file)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    assert_true(taken < 100); /* a few bits mean nothing */
}

static void every_shorter_file_is_refused(void **state)
{
    struct boot_image image;
    struct error error;

    (void)state;
    make_bzimage_of_elf(&image_file, PACK_XZ, 0);
    image_file.size -= 20; /* what is behind the payload does not matter */
    while (image_file.size > 1) {
        image_file.size--;
        assert_int_equal(read_made(&image, &image_file, BOOT_AUTO, ram, &error), -1);
        assert_null(image.kernel.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_inside_is_taken_out),
        cmocka_unit_test(another_packing_unpacks_itself),
        cmocka_unit_test(a_header_that_lies_is_refused),
        cmocka_unit_test(a_bomb_does_not_go_off),
        cmocka_unit_test(a_bzimage_inside_a_bzimage_is_not_opened),
        cmocka_unit_test(a_flipped_bit_inside_is_noticed),
        cmocka_unit_test(every_shorter_file_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, take_down);
}
