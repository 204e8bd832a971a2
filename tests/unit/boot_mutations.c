/* SPDX-License-Identifier: MIT
 * Images of every kind with random damage: each is refused with a line, or loaded into RAM and
 * nowhere else. The sanitizers watch. */
#include "boot_images.h"

#include <stdlib.h>

#define ROUNDS 6000u

static uint32_t random_state = 20261120;

static uint32_t chance(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * below >> 32);
}

static uint64_t odd_value(void)
{
    static const uint64_t values[] = {0,
                                      1,
                                      0xff,
                                      0xfff,
                                      0x1000,
                                      0x7fffffff,
                                      0x80000000,
                                      0xfffffff,
                                      0xffffffff,
                                      KERNEL_GPA,
                                      KERNEL_END,
                                      RAM_BYTES,
                                      RAM_BYTES - 1,
                                      UINT64_MAX,
                                      INT64_MAX,
                                      UINT64_MAX - 1,
                                      0x100000};

    return values[chance(sizeof values / sizeof values[0])];
}

/* Damage where it hurts: headers, notes, the payload's ends; the rest of the file now and then. */
static void damage(struct made *made, size_t from, size_t bytes)
{
    for (uint32_t times = 1 + chance(3); times > 0; times--) {
        const size_t at = from + chance((uint32_t)bytes);
        const uint64_t value = odd_value();
        const size_t width = (size_t)1 << chance(4);
        if (chance(2) == 0)
            made->bytes[at] ^= (uint8_t)(1u << chance(8));
        else if (width <= made->size - at)
            memcpy(made->bytes + at, &value, width);
    }
    if (chance(8) == 0)
        made->size = 1 + chance((uint32_t)made->size);
}

static void try(const struct made *made, struct memory *ram, unsigned *taken)
{
    const enum boot_way ways[] = {BOOT_AUTO, BOOT_DIRECT, BOOT_DECOMPRESSOR, BOOT_PVH};
    struct boot_image image;
    struct error error = {.text = ""};

    if (read_made(&image, made, ways[chance(4)], ram, &error) < 0) {
        assert_true(strncmp(error.text, "--", 2) == 0);
        assert_null(strchr(error.text, '\n'));
        return;
    }
    boot_load(&image, ram);
    boot_forget(&image);
    (*taken)++;
}

/* The memory behind RAM belongs to nobody: the sanitizer does not know, the guard does. */
static void nothing_but_ram_is_written(void **state)
{
    struct memory *ram = boot_ram(RAM_BYTES);
    static struct made whole[5], made;
    unsigned taken = 0;

    (void)state;
    uint8_t *guarded =
        mmap(NULL, RAM_BYTES + 2 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(guarded != MAP_FAILED);
    boot_ram_forget(ram);
    ram->ram = mmap(guarded + MIB, RAM_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    assert_true(ram->ram == guarded + MIB);

    make_elf(&whole[0], NOTES_PVH | NOTES_LINUX);
    make_elf(&whole[1], 0);
    make_bzimage_of_elf(&whole[2], PACK_ZSTD, NOTES_PVH);
    make_bzimage_of_elf(&whole[3], PACK_XZ, NOTES_LINUX);
    make_bzimage_of_elf(&whole[4], PACK_LZ4, 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const unsigned kind = i % 5;
        made = whole[kind];
        if (kind < 2)
            damage(&made, 0, made.size);
        else if (chance(2) == 0)
            damage(&made, 0x1f1, sizeof(struct setup_header));
        else
            damage(&made, SETUP_BYTES + STUB_BYTES, made.size - SETUP_BYTES - STUB_BYTES);
        try(&made, ram, &taken);
    }
    assert_in_range(taken, ROUNDS / 20, ROUNDS - ROUNDS / 20);
    munmap(guarded, RAM_BYTES + 2 * MIB);
}

/* The kernel inside may be hostile while its wrapping is whole. */
static void what_is_inside_is_not_trusted(void **state)
{
    struct memory *ram = boot_ram(RAM_BYTES);
    static struct made inner, made;
    unsigned taken = 0;

    (void)state;
    for (unsigned i = 0; i < ROUNDS / 4; i++) {
        make_elf(&inner, NOTES_PVH);
        damage(&inner, 0, inner.size);
        make_bzimage(&made, PACK_ZSTD, inner.bytes, inner.size);
        try(&made, ram, &taken);
    }
    assert_in_range(taken, 1, ROUNDS / 4 - 1);
    boot_ram_forget(ram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_but_ram_is_written),
        cmocka_unit_test(what_is_inside_is_not_trusted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
