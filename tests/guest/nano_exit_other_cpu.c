/* SPDX-License-Identifier: MIT
 * Any CPU may end the VM, whatever the others do. */
/* vm: --vcpus 3 */
/* exit: 42 */
#include "nano.h"

static void leave(void *argument)
{
    (void)argument;
    nano_exit(42);
}

static void spin(void *argument)
{
    (void)argument;
    for (;;)
        __builtin_ia32_pause();
}

static void spin_in_ring_3(void *argument)
{
    nano_try_user(spin, argument, NULL);
}

int guest_main(void)
{
    nano_run_on(1, spin_in_ring_3, NULL);
    nano_run_on(2, leave, NULL);
    spin(NULL);
    return 0;
}
