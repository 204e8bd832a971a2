/* SPDX-License-Identifier: MIT
 * The port at which a kernel reports that it has panicked: pvpanic, as QEMU has it on the ISA bus
 * (docs/specs/pvpanic there). The guest finds it through ACPI. */
#ifndef HOLDFAST_DEVICES_PANIC_H
#define HOLDFAST_DEVICES_PANIC_H

#define PANIC_PORT     0x505u /* as in vmm/boot/dsdt.asl */
#define PANIC_PANICKED 0x01u  /* the one event that it knows; reading says so */

#endif
