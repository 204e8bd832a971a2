/* SPDX-License-Identifier: MIT
 * What guest_main() returns is the exit status of the VMM. */
/* exit: 7 */
/* log: ended with status 7$ */
#include "nano.h"

int guest_main(void)
{
    return 7;
}
