/* SPDX-License-Identifier: MIT
 * CPU 1 touches a page of the object "stuck", which may never come; CPU 0 maps and unmaps a page of
 * RAM all the while. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

static struct hf_window stuck;

static void touch(void *argument)
{
    (void)argument;
    (void)*(volatile uint8_t *)stuck.address;
    hf_printf("the page came\n");
}

int guest_main(void)
{
    struct hf_object_open object;
    struct hf_window window;
    static uint8_t page[4096] __attribute__((aligned(4096)));
    const struct hf_extent ram = {(uintptr_t)page / 4096, 1, HF_RAM};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("stuck", &object), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &stuck), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list = {0, 1, object.id};
    CHECK_EQUAL(hf_map(&stuck, 0, &list, 1, 0, NULL, NULL), HF_OK);
    hf_printf("ready\n");
    nano_run_on(1, touch, NULL);
    for (;;) {
        CHECK_EQUAL(hf_map(&window, 0, &ram, 1, 0, NULL, NULL), HF_OK);
        CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    }
}
