/* SPDX-License-Identifier: MIT
 * Reads the whole of the object "file" through a window of 64 KiB, piece after piece, and prints
 * its CRC-32. With "look" on the command line it waits halfway until a byte comes from the
 * console, so that one can look at the VM. */
#include "crc32.h"
#include "holdfast/guest.h"
#include "nano.h"

#define WINDOW_PAGES 16u
#define TAG          0x4f4d4544u /* "DEMO" */

struct piece {
    struct crc32 *crc;
    const void *bytes;
    size_t count;
};

/* Runs in ring 3, where every KVM runs code natively. */
static void add_piece(void *argument)
{
    const struct piece *piece = argument;

    crc32_add(piece->crc, piece->bytes, piece->count);
}

static void start(void *argument)
{
    crc32_start(argument);
}

static void wait_for_a_byte(void)
{
    hf_printf("halfway\n");
    nano_wait_for_byte();
}

static void show_progress(uint64_t done, uint64_t all, uint64_t *shown)
{
    const uint64_t percent = done * 100 / all;

    if (percent / 5 != *shown / 5)
        hf_printf("progress %lu%%\n", percent);
    *shown = percent;
}

int guest_main(void)
{
    static struct crc32 crc;
    const bool look = strcmp(nano_command_line(), "look") == 0;
    struct hf_object_open file;
    struct hf_window window;
    uint64_t mapped = 0;
    uint64_t shown = 0;

    int status = hf_init();
    if (status == HF_OK)
        status = hf_object_open("file", &file);
    if (status == HF_OK)
        status = hf_reserve(WINDOW_PAGES * HF_PAGE_SIZE, TAG, 0, 1, &window);
    if (status != HF_OK || !nano_try_user(start, &crc, NULL)) {
        hf_printf("cannot start: %s\n", hf_status_name(status));
        return 1;
    }
    for (uint64_t done = 0; done < file.bytes;) {
        const uint64_t left = file.bytes - done;
        const uint64_t count =
            left < WINDOW_PAGES * HF_PAGE_SIZE ? left : WINDOW_PAGES * HF_PAGE_SIZE;
        const uint32_t pages = (uint32_t)((count + HF_PAGE_SIZE - 1) / HF_PAGE_SIZE);
        const struct hf_extent next = {done / HF_PAGE_SIZE, pages, file.id};
        void *address;

        status = mapped == 0
                     ? hf_map(&window, 0, &next, 1, HF_MAP_READ_ONLY, NULL, &address)
                     : hf_remap(&window, 0, mapped, 0, &next, 1, HF_MAP_READ_ONLY, NULL, &address);
        if (status != HF_OK) {
            hf_printf("cannot map byte %lu: %s\n", done, hf_status_name(status));
            return 1;
        }
        mapped = pages;
        struct piece piece = {&crc, address, count};
        if (!nano_try_user(add_piece, &piece, NULL)) {
            hf_printf("cannot read byte %lu\n", done);
            return 1;
        }
        if (look && done <= file.bytes / 2 && done + count > file.bytes / 2)
            wait_for_a_byte();
        done += count;
        show_progress(done, file.bytes, &shown);
    }
    hf_unmap(&window, 0, mapped);
    hf_release(&window);
    hf_printf("crc %08x bytes %lu\n", crc32_result(&crc), file.bytes);
    return 0;
}
