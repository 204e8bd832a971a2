/* SPDX-License-Identifier: MIT
 * Does nothing, for ever. */
#include "nano.h"

int guest_main(void)
{
    hf_printf("idle\n");
    for (;;)
        __asm__ volatile("hlt");
}
