/* SPDX-License-Identifier: MIT
 * Turning off and restarting: ACPI's PM1 registers with the power button and the clock's alarm, by
 * which a machine that sleeps wakes up, and the reset register of Intel's chip sets. */
#ifndef HOLDFAST_DEVICES_POWER_H
#define HOLDFAST_DEVICES_POWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POWER_EVENT_PORT   0x600u /* PM1 status, then PM1 enable, 16 bits each */
#define POWER_CONTROL_PORT 0x604u /* PM1 control, 16 bits */
#define POWER_PORT_END     0x606u

#define POWER_OFF 5u /* sleep type, as _S5 in vmm/boot/dsdt.asl */

#define RESET_PORT  0xcf9u
#define RESET_VALUE 0x06u

#define POWER_IRQ 9u /* the system control interrupt */

struct power {
    uint16_t status;
    uint16_t enable;
    uint16_t control;
};

enum power_request { POWER_GOES_ON, POWER_TURNS_OFF, POWER_RESETS };

/* Whether one of the ports is this device's. */
bool power_has_port(uint16_t port);

/* What the guest wants by a write. Cannot fail. */
enum power_request power_write(struct power *power, uint16_t port, uint32_t value, unsigned width);
uint32_t power_read(const struct power *power, uint16_t port);
void power_reset(struct power *power);

/* Presses the power button. false: the guest has not enabled it, so that nobody hears. */
bool power_press(struct power *power);

/* The clock's alarm interrupts, by its own line, too. */
void power_alarm(struct power *power);

/* Whether the interrupt line is high. */
bool power_interrupts(const struct power *power);

#endif
