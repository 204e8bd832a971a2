/* SPDX-License-Identifier: MIT
 * An exception on another CPU that nobody tries for ends the VM, too. */
/* vm: --vcpus 4 */
/* exit: 113 */
/* console: ^exception 14 on CPU 3: rip 0x1[0-9a-f]*, error code 0x2, cr2 0x200000000018, */
#include "nano.h"

static void stray(void *argument)
{
    *(volatile uint64_t *)argument = 1;
}

int guest_main(void)
{
    nano_run_on(3, stray, (void *)0x200000000018);
    nano_wait_for(3);
    return 0;
}
