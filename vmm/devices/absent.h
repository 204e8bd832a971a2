/* SPDX-License-Identifier: MIT
 * What is read from a port without a device: ones, but for a few at which kernels and boot code
 * wait for ever where they read ones. */
#ifndef HOLDFAST_DEVICES_ABSENT_H
#define HOLDFAST_DEVICES_ABSENT_H

#include <stdint.h>

/* reads: counts how often the guest has read such a port; begins with any number. Cannot fail. */
uint8_t absent_read(uint16_t port, uint8_t *reads);

#endif
