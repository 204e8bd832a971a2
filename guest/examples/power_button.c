/* SPDX-License-Identifier: MIT
 * Turns itself off when its power button is pressed, as `holdfastctl powerdown` does. With "deaf"
 * on its command line it has no driver for the button; with "slow" it hears it and goes on. */
#include "nano.h"

#define POWER_STATUS  0x600 /* ACPI's PM1 */
#define POWER_ENABLE  0x602
#define POWER_CONTROL 0x604
#define POWER_BUTTON  0x100
#define TURNS_OFF     ((1u << 13) | (5u << 10))

static void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static uint16_t in16(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

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
