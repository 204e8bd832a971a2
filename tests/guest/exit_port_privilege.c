/* SPDX-License-Identifier: MIT
 * Ring 3 cannot end the VM through the exit port, even where the ports are open to it. */
#include "nano.h"

#include "holdfast/abi.h"

static void leave(void *argument)
{
    nano_out32(HF_PORT_EXIT, 5);
    *(volatile bool *)argument = true;
}

int guest_main(void)
{
    bool went_on = false;

    nano_user_ports(true);
    CHECK(nano_try_user(leave, &went_on, NULL));
    CHECK(went_on);
    return 0;
}
