/* SPDX-License-Identifier: MIT
 * A guest to look at with holdfastctl: windows in all states, until somebody stops the VM.
 * Words of the command line:
 *   busy        maps and unmaps one window all the time; without it the CPU sleeps
 *   windows=N   N more windows of one page each
 *   object=N    opens the object N and maps its first page */
#include "holdfast/guest.h"
#include "nano.h"

#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)

/* Four characters in the order of their bytes in memory. */
#define TAG(a, b, c, d)                                                                            \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

#define MORE_WINDOWS 2000u

static struct hf_window full, half, idle, busy, shown, more[MORE_WINDOWS];

/* What follows "key" in the command line, or NULL. */
static const char *find_word(const char *key)
{
    const size_t length = strlen(key);
    const char *at = nano_command_line();

    while (*at != '\0') {
        if (memcmp(at, key, length) == 0)
            return at + length;
        while (*at != '\0' && *at++ != ' ')
            ;
    }
    return NULL;
}

static uint32_t find_number(const char *key)
{
    const char *at = find_word(key);
    uint32_t number = 0;

    while (at != NULL && *at >= '0' && *at <= '9')
        number = number * 10 + (uint32_t)(*at++ - '0');
    return number;
}

/* Maps so many pages of fresh RAM at the window's start. */
static int map_ram(struct hf_window *window, uint32_t pages)
{
    const void *memory = nano_pages(pages);
    const struct hf_extent list = {(uintptr_t)memory >> HF_PAGE_SHIFT, pages, HF_RAM};

    return memory == NULL ? HF_GUEST_NO_MEMORY : hf_map(window, 0, &list, 1, 0, NULL, NULL);
}

static int show_object(void)
{
    const char *word = find_word("object=");
    struct hf_object_open object;
    char name[HF_OBJECT_NAME_MAX] = {0};

    for (size_t i = 0; word != NULL && word[i] > ' ' && i < sizeof name - 1; i++)
        name[i] = word[i];
    if (word == NULL)
        return 0;
    CHECK_EQUAL(hf_object_open(name, &object), HF_OK);
    CHECK_EQUAL(hf_reserve(16 * KIB, TAG('S', 'h', 'o', 'w'), 0, 0, &shown), HF_OK);
    const struct hf_extent list = {0, 1, object.id};
    CHECK_EQUAL(hf_map(&shown, 0, &list, 1, 0, NULL, NULL), HF_OK);
    return 0;
}

static void touch(void *address)
{
    *(volatile char *)address;
}

/* Maps and unmaps one page, some thousand times a second. */
static void stay_busy(void)
{
    const void *memory = nano_pages(1);
    const struct hf_extent list = {(uintptr_t)memory >> HF_PAGE_SHIFT, 1, HF_RAM};

    for (;;) {
        if (hf_map(&busy, 0, &list, 1, 0, NULL, NULL) != HF_OK)
            nano_exit(1);
        if (hf_unmap(&busy, 0, 1) != HF_OK)
            nano_exit(2);
        for (const uint64_t end = nano_tsc() + 500000; nano_tsc() < end;)
            ;
    }
}

int guest_main(void)
{
    uint32_t count = find_number("windows=");

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(64 * KIB, TAG('F', 'u', 'l', 'l'), 0, 0, &full), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * MIB, TAG('H', 'a', 'l', 'f'), HF_RESERVE_DIVISIBLE, 0, &half),
                HF_OK);
    CHECK_EQUAL(hf_reserve(16 * MIB, TAG('I', 'd', 'l', 'e'), 0, 16, &idle), HF_OK);
    CHECK_EQUAL(hf_reserve(32 * KIB, 1, 0, 0, &busy), HF_OK);
    CHECK_EQUAL(map_ram(&full, 16), HF_OK);
    CHECK_EQUAL(map_ram(&half, 256), HF_OK);
    for (uint32_t i = 0; i < count && i < MORE_WINDOWS; i++)
        CHECK_EQUAL(hf_reserve(4 * KIB, TAG('M', 'o', 'r', 'e'), 0, 1, &more[i]), HF_OK);
    if (show_object() != 0)
        return 1;
    CHECK(!nano_try(touch, idle.address, NULL));
    hf_printf("ready\n");
    if (find_word("busy") != NULL)
        stay_busy();
    for (;;)
        __asm__ volatile("hlt");
}
