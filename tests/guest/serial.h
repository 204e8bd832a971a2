/* SPDX-License-Identifier: MIT
 * The serial port with its interrupt, by way of the first PIC, whose output reaches the processor
 * as firmware would have set it up. */
#ifndef HOLDFAST_TESTS_SERIAL_H
#define HOLDFAST_TESTS_SERIAL_H

#include "nano.h"
#include "ports.h"

#define SERIAL       0x3f8u
#define IER          (SERIAL + 1)
#define IIR          (SERIAL + 2)
#define FCR          (SERIAL + 2)
#define LCR          (SERIAL + 3)
#define MCR          (SERIAL + 4)
#define LSR          (SERIAL + 5)
#define MSR          (SERIAL + 6)
#define IER_RECEIVED 0x01u
#define IER_EMPTIED  0x02u
#define IIR_NOTHING  0x01u
#define IIR_EMPTIED  0x02u
#define IIR_RECEIVED 0x04u
#define FCR_FIFO     0x07u /* enabled and cleared */
#define MCR_OUT2     0x08u
#define MCR_LOOP     0x10u
#define LSR_RECEIVED 0x01u

#define PIC          0x20u
#define PIC_REQUESTS 0x0au /* the next read tells them */
#define SERIAL_IRQ   4u

/* Whether the first PIC has an interrupt of the port to deliver. With interrupts off. */
static inline bool serial_requests(void)
{
    out8(PIC, PIC_REQUESTS);
    return (in8(PIC) & 1u << SERIAL_IRQ) != 0;
}

/* Sleeps until an interrupt of the port comes that has not been taken yet. With interrupts off,
 * before and after. */
static inline void serial_wait(void)
{
    nano_line_wait(SERIAL_IRQ, nano_line_count(SERIAL_IRQ));
    __asm__ volatile("cli" : : : "memory");
}

#endif
