/* SPDX-License-Identifier: MIT
 * For ever spins, halts with interrupts off, or faults, as its command line says. */
#include "holdfast/guest.h"
#include "nano.h"

static void touch(void *address)
{
    (void)*(volatile char *)address;
}

int guest_main(void)
{
    struct nano_exception exception;
    const char *way = nano_command_line();
    struct hf_window window;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(HF_PAGE_SIZE, 0x6e697073, 0, 0, &window), HF_OK);
    hf_printf("ready\n");
    for (;;) {
        if (strcmp(way, "halt") == 0)
            __asm__ volatile("cli; hlt");
        else if (strcmp(way, "fault") == 0)
            nano_try(touch, window.address, &exception);
        else
            __asm__ volatile("pause");
    }
}
