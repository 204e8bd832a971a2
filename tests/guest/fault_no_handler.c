/* SPDX-License-Identifier: MIT
 * A guest whose exception table lies in an unmapped window page dies of a triple fault, as a
 * machine does; the VMM neither hangs nor follows it. */
/* exit: 124 */
/* log: triple fault */
#include "holdfast/guest.h"
#include "nano.h"

int guest_main(void)
{
    struct hf_window window;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, 1, 0, 0, &window), HF_OK);
    const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } table = {4095, window.base.value};
    __asm__ volatile("cli; lidt %0" : : "m"(table));
    *(volatile uint32_t *)window.address = 1;
    return 1;
}
