/* SPDX-License-Identifier: MIT
 * Listens to the power button, and turns itself off when it is pressed; with "deaf", has no driver
 * for it; with "slow", hears it and goes on. */
#include "nano.h"
#include "tests/guest/ports.h"

#define POWER_STATUS  0x600 /* of PM1 */
#define POWER_ENABLE  0x602
#define POWER_CONTROL 0x604
#define POWER_BUTTON  0x100
#define TURNS_OFF     0x3400

int guest_main(void)
{
    const bool is_deaf = strcmp(nano_command_line(), "deaf") == 0;
    const bool is_slow = strcmp(nano_command_line(), "slow") == 0;

    if (!is_deaf)
        out16(POWER_ENABLE, POWER_BUTTON);
    hf_printf("ready\n");
    for (;;) {
        if (!is_deaf && (in16(POWER_STATUS) & POWER_BUTTON) != 0) {
            out16(POWER_STATUS, POWER_BUTTON);
            hf_printf("pressed\n");
            if (!is_slow)
                out16(POWER_CONTROL, TURNS_OFF);
        }
        __asm__ volatile("pause");
    }
}
