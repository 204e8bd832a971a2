/* SPDX-License-Identifier: MIT
 * With --on-reboot exit, the reset port ends the VM, with status 0. */
/* vm: --on-reboot exit */
/* exit: 0 */
/* log: the guest wanted to restart$ */
#include "nano.h"

int guest_main(void)
{
    nano_reset();
}
