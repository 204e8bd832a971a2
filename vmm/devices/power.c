/* SPDX-License-Identifier: MIT */
#include "power.h"

#define ENABLE_PORT (POWER_EVENT_PORT + 2)

#define POWER_BUTTON 0x0100u /* in status and enable */
#define CLOCK_ALARM  0x0400u /* the same */

#define CONTROL_ACPI       0x0001u /* the machine has no other mode */
#define CONTROL_SLEEP_TYPE 10      /* shift, 3 bits */
#define CONTROL_SLEEP      0x2000u
#define CONTROL_KEPT       0x1c06u /* the bits that read as they were written */
#define RESET_NOW          0x04u

bool power_has_port(uint16_t port)
{
    return (port >= POWER_EVENT_PORT && port < POWER_PORT_END) || port == RESET_PORT;
}

static enum power_request write_control(struct power *power, uint16_t value)
{
    power->control = value & CONTROL_KEPT;
    if ((value & CONTROL_SLEEP) != 0 && (value >> CONTROL_SLEEP_TYPE & 7) == POWER_OFF)
        return POWER_TURNS_OFF;
    return POWER_GOES_ON;
}

enum power_request power_write(struct power *power, uint16_t port, uint32_t value, unsigned width)
{
    switch (port) {
    case POWER_EVENT_PORT: /* a one clears its event */
        power->status &= (uint16_t)~value;
        if (width == 4)
            power->enable = (uint16_t)(value >> 16);
        break;
    case ENABLE_PORT:
        power->enable = (uint16_t)value;
        break;
    case POWER_CONTROL_PORT:
        return write_control(power, (uint16_t)value);
    case RESET_PORT:
        return (value & RESET_NOW) != 0 ? POWER_RESETS : POWER_GOES_ON;
    default:
        break;
    }
    return POWER_GOES_ON;
}

uint32_t power_read(const struct power *power, uint16_t port)
{
    switch (port) {
    case POWER_EVENT_PORT:
        return (uint32_t)power->enable << 16 | power->status;
    case ENABLE_PORT:
        return power->enable;
    case POWER_CONTROL_PORT:
        return power->control | CONTROL_ACPI;
    default:
        return 0;
    }
}

void power_reset(struct power *power)
{
    *power = (struct power){0};
}

bool power_press(struct power *power)
{
    power->status |= POWER_BUTTON;
    return (power->enable & POWER_BUTTON) != 0;
}

void power_alarm(struct power *power)
{
    power->status |= CLOCK_ALARM;
}

bool power_interrupts(const struct power *power)
{
    return (power->status & power->enable & (POWER_BUTTON | CLOCK_ALARM)) != 0;
}
