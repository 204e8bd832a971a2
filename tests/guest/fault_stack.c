/* SPDX-License-Identifier: MIT
 * A guest whose kernel stack lies in an unmapped window page cannot take an exception: it dies,
 * the VMM does not. */
/* exit: 124 */
/* log: triple fault */
#include "holdfast/guest.h"
#include "nano.h"

int guest_main(void)
{
    struct hf_window window;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, 1, 0, 0, &window), HF_OK);
    __asm__ volatile("cli; mov %0, %%rsp; push $1; ud2" : : "r"((char *)window.address + 2048));
    return 1;
}
