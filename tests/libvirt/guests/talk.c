/* SPDX-License-Identifier: MIT
 * Answers each line that is typed on its serial port; "off", "panic", "reset" and "exit" end it in
 * these ways. */
#include "nano.h"

#define POWER_CONTROL 0x604 /* of PM1 */
#define POWER_OFF     ((1u << 13) | (5u << 10))
#define PANIC_PORT    0x505
#define PANICKED      1

static void read_line(char *line, int room)
{
    int length = 0;

    for (int c = nano_getchar(); c != '\r' && c != '\n'; c = nano_getchar())
        if (c >= 0 && length + 1 < room)
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
            __asm__ volatile("outw %%ax, %%dx" : : "a"(POWER_OFF), "d"(POWER_CONTROL));
        if (strcmp(line, "panic") == 0)
            __asm__ volatile("outb %%al, %%dx" : : "a"(PANICKED), "d"(PANIC_PORT));
        if (strcmp(line, "reset") == 0)
            nano_reset();
        if (strcmp(line, "exit") == 0)
            return 0;
    }
}
