/* SPDX-License-Identifier: MIT
 * Ends at once, with the status that its command line says. */
#include "nano.h"

int guest_main(void)
{
    int status = 0;

    for (const char *text = nano_command_line(); *text >= '0' && *text <= '9'; text++)
        status = status * 10 + (*text - '0');
    return status;
}
