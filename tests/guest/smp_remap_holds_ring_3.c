/* SPDX-License-Identifier: MIT
 * When REMAP returns, it holds on every CPU: another CPU that keeps reading the page in ring 3
 * never sees the old page. */
/* vm: --vcpus 2 */
#include "stale_remaps.h"

int guest_main(void)
{
    return stale_remaps(true);
}
