/* SPDX-License-Identifier: MIT
 * Reads from a port into a window page that is not mapped, for ever; each time it must get #GP. */
#include "holdfast/guest.h"
#include "nano.h"

static void input(void *address)
{
    __asm__ volatile("insb" : "+D"(address) : "d"(0x80) : "memory");
}

int guest_main(void)
{
    struct hf_window window;
    struct nano_exception it;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, 1, 0, 0, &window), HF_OK);
    hf_printf("ready\n");
    for (uint64_t round = 0;; round++) {
        if (nano_try(input, window.address, &it)) {
            hf_printf("round %lu went through\n", round);
            return 1;
        }
        CHECK_EQUAL(it.vector, 13);
        if (round % 1000 == 0)
            hf_printf("round %lu\n", round);
    }
}
