/* SPDX-License-Identifier: MIT
 * The serial port interrupts when its transmitter is empty: when a driver first asks for it and
 * after each byte; never without OUT2; reading what it was takes the request back. */
/* console: ^ab$ */
#include "serial.h"

int guest_main(void)
{
    __asm__ volatile("cli");
    nano_line_open(SERIAL_IRQ);
    out8(MCR, 0);
    out8(IER, IER_EMPTIED);
    CHECK(!serial_requests());
    out8(MCR, MCR_OUT2);
    CHECK(serial_requests());
    serial_wait();
    CHECK_EQUAL(in8(IIR), IIR_EMPTIED);
    CHECK_EQUAL(in8(IIR), IIR_NOTHING);
    CHECK(!serial_requests());

    for (const char *byte = "ab"; *byte != '\0'; byte++) {
        out8(SERIAL, (uint8_t)*byte);
        CHECK(serial_requests());
        serial_wait();
        CHECK_EQUAL(in8(IIR), IIR_EMPTIED);
    }
    CHECK(!serial_requests());

    /* Asked for once more, it comes once more. */
    out8(IER, 0);
    out8(IER, IER_EMPTIED);
    CHECK(serial_requests());
    out8(IER, 0);
    CHECK_EQUAL(in8(IIR), IIR_NOTHING);
    return 0;
}
