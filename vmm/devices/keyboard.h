/* SPDX-License-Identifier: MIT
 * A keyboard controller (8042) without keyboard or mouse: it takes commands, answers those that
 * have an answer, and resets the machine; with it the port of PS/2 systems that does so, too. The
 * gate of address line 20 is always open. */
#ifndef HOLDFAST_DEVICES_KEYBOARD_H
#define HOLDFAST_DEVICES_KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>

#define KEYBOARD_DATA_PORT 0x60u
#define KEYBOARD_PORT      0x64u /* status when read, commands */
#define KEYBOARD_A20_PORT  0x92u

struct keyboard {
    uint8_t mode;    /* the command byte */
    uint8_t command; /* that waits for its byte; 0: none does */
    uint8_t answer;
    bool has_answer;
    bool timed_out; /* it says that no keyboard is there */
};

/* Whether one of the ports is this device's. */
bool keyboard_has_port(uint16_t port);

/* true: it resets the machine. Cannot fail. */
bool keyboard_write(struct keyboard *keyboard, uint16_t port, uint8_t value);
uint8_t keyboard_read(struct keyboard *keyboard, uint16_t port);
void keyboard_reset(struct keyboard *keyboard);

#endif
