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
#define PIC_MASK     0x21u
#define PIC_REQUESTS 0x0au /* the next read tells them */
#define PIC_EOI      0x20u
#define VECTOR_BASE  0x28u
#define SERIAL_IRQ   4u

/* Only the serial port's interrupt gets through. */
static inline void pic_init(void)
{
    out8(PIC, 0x11);
    out8(PIC_MASK, VECTOR_BASE);
    out8(PIC_MASK, 0x04);
    out8(PIC_MASK, 0x01);
    out8(PIC_MASK, (uint8_t) ~(1u << SERIAL_IRQ));
}

/* Whether the PIC has an interrupt of the port to deliver. With interrupts off. */
static inline bool serial_requests(void)
{
    out8(PIC, PIC_REQUESTS);
    return (in8(PIC) & 1u << SERIAL_IRQ) != 0;
}

static inline void sleep_for_ever(void *argument)
{
    (void)argument;
    for (;;)
        __asm__ volatile("sti; hlt");
}

/* Sleeps until an interrupt comes; its vector. Leaves interrupts off. */
static inline uint64_t serial_wait(void)
{
    struct nano_exception interrupt = {0};

    nano_try(sleep_for_ever, NULL, &interrupt);
    out8(PIC, PIC_EOI);
    __asm__ volatile("cli");
    return interrupt.vector;
}

#endif
