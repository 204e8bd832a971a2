/* SPDX-License-Identifier: MIT
 * Maps two pages of an object, and touches the second one, in ring 3, at each byte that the console
 * has for it; tells whether it was there. Sleeps in between, and ends at a full stop. */
#include "holdfast/guest.h"
#include "tests/guest/access.h"
#include "tests/guest/serial.h"

#define TAG 0x54455354u

static uint8_t next_byte(void)
{
    while ((in8(LSR) & LSR_RECEIVED) == 0)
        serial_wait();
    return in8(SERIAL);
}

int guest_main(void)
{
    struct hf_object_open object;
    struct hf_window window;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("object", &object), HF_OK);
    CHECK_EQUAL(hf_reserve(8192, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list = {0, 2, object.id};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
    struct access access = {.at = (uint64_t *)((char *)window.address + 4096), .value = 1};

    __asm__ volatile("cli");
    nano_line_open(SERIAL_IRQ);
    out8(FCR, FCR_FIFO);
    out8(MCR, MCR_OUT2);
    out8(IER, IER_RECEIVED);
    hf_printf("ready\n");
    for (unsigned count = 1; next_byte() != '.'; count++) {
        struct nano_exception it = {.vector = 0};
        const bool there = nano_try_user(access_write, &access, &it);

        hf_printf("%u: %s\n", count, there ? "there" : it.vector == VECTOR_GP ? "#GP" : "lost");
    }
    return 0;
}
