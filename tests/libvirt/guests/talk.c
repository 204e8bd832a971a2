/* SPDX-License-Identifier: MIT
 * Answers each line that is typed on its serial port; "off", "panic", "reset" and "exit" end it in
 * these ways, and after "listen" so does the power button. */
#include "nano.h"

#define POWER_STATUS  0x600 /* of PM1 */
#define POWER_ENABLE  0x602
#define POWER_CONTROL 0x604
#define POWER_BUTTON  0x100
#define POWER_OFF     ((1u << 13) | (5u << 10))
#define PANIC_PORT    0x505
#define PANICKED      1

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

static void listen_to_the_button(void)
{
    out16(POWER_ENABLE, POWER_BUTTON);
    hf_printf("the button is heard\n");
    while ((in16(POWER_STATUS) & POWER_BUTTON) == 0)
        ;
    out16(POWER_STATUS, POWER_BUTTON);
    hf_printf("the button was pressed%s\n", in16(POWER_STATUS) != 0 ? ", and stays" : "");
    out16(POWER_CONTROL, POWER_OFF);
}

static void read_line(char *line, int room)
{
    int length = 0;

    for (uint8_t c = nano_wait_for_byte(); c != '\r' && c != '\n'; c = nano_wait_for_byte())
        if (length + 1 < room)
            line[length++] = (char)c;
    line[length] = '\0';
}

int guest_main(void)
{
    char line[80];

    hf_printf("I listen\n");
    for (;;) {
        read_line(line, sizeof line);
        hf_printf("you said: %s\n", line);
        if (strcmp(line, "off") == 0)
            out16(POWER_CONTROL, POWER_OFF);
        if (strcmp(line, "listen") == 0)
            listen_to_the_button();
        if (strcmp(line, "panic") == 0)
            __asm__ volatile("outb %%al, %%dx" : : "a"(PANICKED), "d"(PANIC_PORT));
        if (strcmp(line, "reset") == 0)
            nano_reset();
        if (strcmp(line, "exit") == 0)
            return 0;
    }
}
