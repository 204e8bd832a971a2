/* SPDX-License-Identifier: MIT
 * Does with the object "disk" what the command line says, a letter each: w writes all its pages, f
 * flushes, d discards the first half, z looks whether it is zeros, and prints what was answered;
 * l, the last, flushes on all CPUs until the object is gone. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

static struct hf_object_open disk;

static void flush_for_ever(void *argument)
{
    (void)argument;
    while (hf_flush(disk.id) == HF_OK)
        ;
}

static void say(const char *what, int status)
{
    hf_printf("%s: %s\n", what, hf_status_name(status));
}

static bool first_half_is_zero(const uint8_t *bytes, uint64_t pages)
{
    for (uint64_t i = 0; i < pages / 2 * HF_PAGE_SIZE; i++)
        if (((const volatile uint8_t *)bytes)[i] != 0)
            return false;
    return true;
}

int guest_main(void)
{
    struct hf_window window;
    void *bytes;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("disk", &disk), HF_OK);
    const uint64_t pages = disk.bytes / HF_PAGE_SIZE;
    const struct hf_extent all = {0, (uint32_t)pages, disk.id};
    CHECK_EQUAL(hf_reserve(disk.bytes, TAG, 0, 1, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 0, &all, 1, 0, NULL, &bytes), HF_OK);
    for (const char *letter = nano_command_line(); *letter != '\0'; letter++) {
        switch (*letter) {
        case 'w':
            memset(bytes, 'x', disk.bytes);
            break;
        case 'f':
            say("flush", hf_flush(disk.id));
            break;
        case 'd':
            say("discard", hf_discard(disk.id, 0, pages / 2));
            break;
        case 'z':
            hf_printf("first half: %s\n", first_half_is_zero(bytes, pages) ? "zeros" : "not zeros");
            break;
        case 'l':
            hf_printf("ready\n");
            for (uint32_t cpu = 1; cpu < nano_cpus(); cpu++)
                nano_run_on(cpu, flush_for_ever, NULL);
            flush_for_ever(NULL);
            break;
        default:
            return 1;
        }
    }
    return 0;
}
