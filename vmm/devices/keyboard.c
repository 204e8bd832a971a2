/* SPDX-License-Identifier: MIT */
#include "keyboard.h"

#define STATUS_ANSWER    0x01u
#define STATUS_TESTED    0x04u
#define STATUS_UNLOCKED  0x10u
#define STATUS_TIMED_OUT 0x40u

enum command {
    READ_MODE = 0x20,
    WRITE_MODE = 0x60,
    DISABLE_MOUSE = 0xa7,
    ENABLE_MOUSE = 0xa8,
    TEST_MOUSE = 0xa9,
    TEST = 0xaa,
    TEST_KEYBOARD = 0xab,
    DISABLE_KEYBOARD = 0xad,
    ENABLE_KEYBOARD = 0xae,
    READ_INPUT = 0xc0,
    READ_OUTPUT = 0xd0,
    WRITE_OUTPUT = 0xd1,
    WRITE_ANSWER = 0xd2, /* as if the keyboard had sent it */
    WRITE_MOUSE = 0xd4,
    PULSE = 0xf0, /* and above: the lines of the output whose bits are 0 */
};

#define MODE_AT_POWER_ON 0x30u /* both devices disabled, no interrupts */
#define MODE_NO_KEYBOARD 0x10u
#define MODE_NO_MOUSE    0x20u
#define OUTPUT_NO_RESET  0x01u
#define OUTPUT_A20       0x02u
#define INPUT_UNLOCKED   0x80u
#define TEST_PASSED      0x55u
#define LINE_PASSED      0x00u
#define LINE_STUCK       0x02u
#define NO_DEVICE        0xfeu
#define A20_PORT_RESETS  0x01u
#define A20_PORT_A20     0x02u

bool keyboard_has_port(uint16_t port)
{
    return port == KEYBOARD_DATA_PORT || port == KEYBOARD_PORT || port == KEYBOARD_A20_PORT;
}

static void answer(struct keyboard *keyboard, uint8_t value)
{
    keyboard->answer = value;
    keyboard->has_answer = true;
    keyboard->timed_out = false;
}

static bool write_command(struct keyboard *keyboard, uint8_t command)
{
    keyboard->command = 0;
    switch (command) {
    case READ_MODE:
        answer(keyboard, keyboard->mode);
        break;
    case WRITE_MODE:
    case WRITE_OUTPUT:
    case WRITE_ANSWER:
    case WRITE_MOUSE:
        keyboard->command = command;
        break;
    case DISABLE_MOUSE:
        keyboard->mode |= MODE_NO_MOUSE;
        break;
    case ENABLE_MOUSE:
        keyboard->mode &= (uint8_t)~MODE_NO_MOUSE;
        break;
    case TEST_MOUSE:
        answer(keyboard, LINE_STUCK);
        break;
    case TEST:
        keyboard->mode = MODE_AT_POWER_ON;
        answer(keyboard, TEST_PASSED);
        break;
    case TEST_KEYBOARD:
        answer(keyboard, LINE_PASSED);
        break;
    case DISABLE_KEYBOARD:
        keyboard->mode |= MODE_NO_KEYBOARD;
        break;
    case ENABLE_KEYBOARD:
        keyboard->mode &= (uint8_t)~MODE_NO_KEYBOARD;
        break;
    case READ_INPUT:
        answer(keyboard, INPUT_UNLOCKED);
        break;
    case READ_OUTPUT:
        answer(keyboard, OUTPUT_NO_RESET | OUTPUT_A20);
        break;
    default:
        return command >= PULSE && (command & OUTPUT_NO_RESET) == 0;
    }
    return false;
}

static bool write_data(struct keyboard *keyboard, uint8_t value)
{
    const uint8_t command = keyboard->command;

    keyboard->command = 0;
    switch (command) {
    case WRITE_MODE:
        keyboard->mode = value;
        return false;
    case WRITE_OUTPUT:
        return (value & OUTPUT_NO_RESET) == 0;
    case WRITE_ANSWER:
        answer(keyboard, value);
        return false;
    default: /* for a keyboard or a mouse */
        answer(keyboard, NO_DEVICE);
        keyboard->timed_out = true;
        return false;
    }
}

bool keyboard_write(struct keyboard *keyboard, uint16_t port, uint8_t value)
{
    switch (port) {
    case KEYBOARD_PORT:
        return write_command(keyboard, value);
    case KEYBOARD_DATA_PORT:
        return write_data(keyboard, value);
    default:
        return (value & A20_PORT_RESETS) != 0;
    }
}

uint8_t keyboard_read(struct keyboard *keyboard, uint16_t port)
{
    switch (port) {
    case KEYBOARD_PORT:
        return (uint8_t)(STATUS_TESTED | STATUS_UNLOCKED |
                         (keyboard->has_answer ? STATUS_ANSWER : 0) |
                         (keyboard->timed_out ? STATUS_TIMED_OUT : 0));
    case KEYBOARD_DATA_PORT:
        keyboard->has_answer = false;
        keyboard->timed_out = false;
        return keyboard->answer;
    default:
        return A20_PORT_A20;
    }
}

void keyboard_reset(struct keyboard *keyboard)
{
    *keyboard = (struct keyboard){.mode = MODE_AT_POWER_ON};
}
