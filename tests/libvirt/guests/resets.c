/* SPDX-License-Identifier: MIT
 * Resets the machine as soon as it runs, again and again. */
#include "nano.h"

int guest_main(void)
{
    nano_reset();
}
