/* SPDX-License-Identifier: MIT
 * A status that does not fit 8 bits does not become 0: it is 255. */
/* exit: 255 */
#include "nano.h"

int guest_main(void)
{
    return 0x100;
}
