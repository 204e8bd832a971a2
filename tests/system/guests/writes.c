/* SPDX-License-Identifier: MIT
 * Writes a line to the console, again and again, until it is ended. */
#include "nano.h"

int guest_main(void)
{
    for (unsigned line = 1;; line++)
        hf_printf("line %u\n", line);
}
