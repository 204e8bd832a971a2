/* SPDX-License-Identifier: MIT
 * Reads the last page of an object, which a file that has been cut short does not have, with
 * interrupts off; tells that it was refused, and waits for the change interrupt. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG  0x54455354u
#define LINE 5u

static void read_byte(void *argument)
{
    const char *at = argument;

    __asm__ volatile("cli; movb (%0), %%al; sti" : : "r"(at) : "rax", "memory");
}

int guest_main(void)
{
    struct hf_object_open object;
    struct nano_exception exception;
    struct hf_window window;
    char *pages;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("file", &object), HF_OK);
    CHECK_EQUAL(hf_reserve(4 * 4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list = {0, 4, object.id};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, (void **)&pages), HF_OK);
    nano_line_open(LINE);
    hf_printf("ready\n");
    while (nano_getchar() != 'g')
        ;
    CHECK(nano_try(read_byte, pages, NULL));
    CHECK_EQUAL(nano_line_count(LINE), 0);
    CHECK(!nano_try(read_byte, pages + 3 * 4096, &exception));
    __asm__ volatile("sti");
    CHECK_EQUAL(exception.vector, 13);
    hf_printf("change %u\n", nano_line_wait(LINE, 0));
    /* What is not mapped is the guest's own mistake. */
    CHECK_EQUAL(hf_unmap(&window, 0, 4), HF_OK);
    CHECK(!nano_try(read_byte, pages, &exception));
    __asm__ volatile("sti");
    hf_printf("changes %u\n", nano_line_count(LINE));
    return 0;
}
