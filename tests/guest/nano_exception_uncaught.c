/* SPDX-License-Identifier: MIT
 * An exception that nobody tries for ends the VM with 113 and a report on the console. */
/* exit: 113 */
/* console: ^exception 6 on CPU 0: rip 0x1[0-9a-f]*, error code 0x0, cr2 0x0, cs 0x8, rsp 0x1 */
#include "nano.h"

int guest_main(void)
{
    __asm__ volatile("ud2");
    return 0;
}
