/* SPDX-License-Identifier: MIT
 * The keyboard controller is drained and waited for in the ways of kernels and boot code, none of
 * which ends at a port that reads as ones; a keyboard is never there. */
#include "nano.h"
#include "ports.h"

#define KEYBOARD_DATA 0x60u
#define KEYBOARD      0x64u
#define FULL          0x01u /* of answers */
#define BUSY          0x02u
#define PATIENCE      1000

static bool wait_while(uint8_t bits, bool set)
{
    for (int i = 0; i < PATIENCE; i++) {
        if (((in8(KEYBOARD) & bits) != 0) != set)
            return true;
    }
    return false;
}

/* Reads the data until there is no more of it. */
static bool drain(void)
{
    for (int i = 0; i < PATIENCE; i++) {
        if ((in8(KEYBOARD) & (FULL | BUSY)) == 0)
            return true;
        in8(KEYBOARD_DATA);
    }
    return false;
}

static bool command(uint8_t code)
{
    if (!wait_while(BUSY, true))
        return false;
    out8(KEYBOARD, code);
    return wait_while(BUSY, true);
}

/* The answer to a command; -1: none. */
static int ask(uint8_t code)
{
    return command(code) && wait_while(FULL, false) ? in8(KEYBOARD_DATA) : -1;
}

int guest_main(void)
{
    CHECK(in8(KEYBOARD) != 0xff);
    CHECK(drain());
    CHECK_EQUAL(ask(0xaa), 0x55);
    CHECK_EQUAL(ask(0xab), 0);
    CHECK(ask(0xa9) > 0); /* no mouse */
    CHECK_EQUAL(ask(0xd0) & 3, 3);

    /* Line 20 by way of the controller, as boot code opens it. */
    CHECK(command(0xd1));
    out8(KEYBOARD_DATA, 0xdf);
    CHECK(wait_while(BUSY, true));
    CHECK(command(0xff));

    CHECK(command(0x60));
    out8(KEYBOARD_DATA, 0x47);
    CHECK_EQUAL(ask(0x20), 0x47);
    CHECK(command(0xad));
    CHECK_EQUAL(ask(0x20), 0x57);
    CHECK(command(0xae));
    CHECK_EQUAL(ask(0x20), 0x47);

    out8(KEYBOARD_DATA, 0xf4); /* to a keyboard */
    CHECK(wait_while(FULL, false));
    CHECK_EQUAL(in8(KEYBOARD) & 0x40, 0x40);
    CHECK_EQUAL(in8(KEYBOARD_DATA), 0xfe);

    /* An answer that nobody has fetched is drained. */
    CHECK(command(0x20));
    CHECK_EQUAL(in8(KEYBOARD) & FULL, FULL);
    CHECK(drain());
    for (unsigned code = 0; code < 0xf0; code++) {
        CHECK(command((uint8_t)code));
        CHECK(drain());
    }
    return 0;
}
