/* SPDX-License-Identifier: MIT
 * When UNMAP and MAP return, they hold on every CPU: another CPU that keeps reading the page in
 * ring 0 never sees what was there before. */
/* vm: --vcpus 2 */
#include "stale_unmaps.h"

int guest_main(void)
{
    return stale_unmaps(false);
}
