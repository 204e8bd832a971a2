/* SPDX-License-Identifier: MIT
 * Images of every kind with random damage: each is refused with a line, or loaded into RAM and
 * nowhere else. The sanitizers watch. */
#include "boot_guarded.h"
#include "chance.h"

#define ROUNDS 6000u
#define SEED   20261120u

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

    return values[below(sizeof values / sizeof values[0])];
}

/* Damage where it hurts: headers, notes, the payload's ends; the rest of the file now and then. */
static void damage(struct made *made, size_t from, size_t bytes)
{
    for (uint64_t times = 1 + below(3); times > 0; times--) {
        const size_t at = from + below(bytes);
        const uint64_t value = odd_value();
        const size_t width = (size_t)1 << below(4);
        if (below(2) == 0)
            made->bytes[at] ^= (uint8_t)(1u << below(8));
        else if (width <= made->size - at)
            memcpy(made->bytes + at, &value, width);
    }
    if (below(8) == 0)
        made->size = 1 + below(made->size);
}

static void try(const struct made *made, struct memory *ram, unsigned *taken)
{
    const enum boot_way ways[] = {BOOT_AUTO, BOOT_DIRECT, BOOT_DECOMPRESSOR, BOOT_PVH};
    char path[64];
    const int fd = made_file(made->bytes, made->size, path);
    const struct boot_config config = {
        .kernel = path, .append = "quiet", .way = ways[below(4)], .vcpus = 2};

    *taken += try_image(&config, ram);
    close(fd);
}

static void nothing_but_ram_is_written(void **state)
{
    struct memory *ram = guarded_ram();
    static struct made whole[5], made;
    unsigned taken = 0;

    (void)state;
    chance_take_seed(SEED);
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
        else if (below(2) == 0)
            damage(&made, 0x1f1, sizeof(struct setup_header));
        else
            damage(&made, SETUP_BYTES + STUB_BYTES, made.size - SETUP_BYTES - STUB_BYTES);
        try(&made, ram, &taken);
    }
    assert_in_range(taken, ROUNDS / 20, ROUNDS - ROUNDS / 20);
    guarded_ram_forget(ram);
}

/* The kernel inside may be hostile while its wrapping is whole. */
static void what_is_inside_is_not_trusted(void **state)
{
    struct memory *ram = guarded_ram();
    static struct made inner, made;
    unsigned taken = 0;

    (void)state;
    chance_take_seed(SEED);
    for (unsigned i = 0; i < ROUNDS / 4; i++) {
        make_elf(&inner, NOTES_PVH);
        damage(&inner, 0, inner.size);
        make_bzimage(&made, PACK_ZSTD, inner.bytes, inner.size);
        try(&made, ram, &taken);
    }
    assert_in_range(taken, 1, ROUNDS / 4 - 1);
    guarded_ram_forget(ram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_but_ram_is_written),
        cmocka_unit_test(what_is_inside_is_not_trusted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
