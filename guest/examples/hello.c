/* SPDX-License-Identifier: MIT
 * The smallest guest. */
#include "nano.h"

int guest_main(void)
{
    hf_printf("hello from CPU %u of %u\n", nano_cpu(), nano_cpus());
    return 0;
}
