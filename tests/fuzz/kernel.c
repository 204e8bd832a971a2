/* SPDX-License-Identifier: MIT
 * Kernel images with their notes, plain or packed, beside an initrd: each is refused with a line,
 * or loaded into RAM and nowhere else, and nothing lies over the initrd.
 *
 * An input begins with what is to be done with it: the way into the kernel, how the rest is packed
 * into a bzImage if it is, and how long the initrd is. */
#include "target.h"
#include "tests/unit/boot_guarded.h"

#include <stdio.h>

#define INITRD_MOST RAM_BYTES /* more than fits */

struct head {
    uint8_t way;
    uint8_t packing;
    uint8_t initrd; /* from 240 on in pieces of 512 KiB, else of 64 bytes */
};

static struct memory *ram;
static uint64_t taken, taken_packed, taken_with_initrd;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    ram = guarded_ram();
    return 0;
}

/* The descriptor of a file of so many bytes that are not zero. */
static int make_initrd(uint8_t length, char path[64])
{
    static uint8_t content[INITRD_MOST];
    const size_t bytes = length < 240 ? length * 64u : (length - 239u) << 19;

    if (content[0] == 0)
        memset(content, 0xa5, sizeof content);
    return made_file(content, bytes, path);
}

/* As it is, or inside a bzImage whose wrapping is right. */
static void wrap(struct made *made, uint8_t packing, const uint8_t *bytes, size_t size)
{
    const bool fits = size <= FILE_MOST / 2; /* also where packing makes it longer */

    if (packing % 4 == 1 && fits)
        make_bzimage(made, PACK_ZSTD, bytes, size);
    else if (packing % 4 == 2 && fits)
        make_bzimage(made, PACK_XZ, bytes, size);
    else {
        made->size = 0;
        made_add(made, bytes, size < FILE_MOST ? size : FILE_MOST);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum boot_way ways[] = {BOOT_AUTO, BOOT_DIRECT, BOOT_DECOMPRESSOR, BOOT_PVH};
    static struct made made;
    struct head head;
    char path[64], initrd_path[64];

    if (size <= sizeof head)
        return 0;
    memcpy(&head, bytes, sizeof head);
    wrap(&made, head.packing, bytes + sizeof head, size - sizeof head);
    const int fd = made_file(made.bytes, made.size, path);
    const int initrd = make_initrd(head.initrd, initrd_path);
    const struct boot_config config = {
        .kernel = path,
        .initrd = head.initrd > 0 ? initrd_path : NULL,
        .append = "quiet",
        .way = ways[head.way % 4],
        .vcpus = 1 + head.way / 4u,
    };
    if (try_image(&config, ram)) {
        taken++;
        taken_packed += head.packing % 4 == 1 || head.packing % 4 == 2;
        taken_with_initrd += head.initrd > 0;
    }
    close(fd);
    close(initrd);
    madvise(ram->ram, RAM_BYTES, MADV_DONTNEED);
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu images taken, %llu of them packed, %llu with an initrd\n",
           (unsigned long long)taken, (unsigned long long)taken_packed,
           (unsigned long long)taken_with_initrd);
    assert_true(taken > 0 && taken_packed > 0 && taken_with_initrd > 0);
}
