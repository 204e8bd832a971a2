/* SPDX-License-Identifier: MIT
 * What drivers look for to tell a 16550A from its kin: registers that keep what is written, bits
 * that are not there, the loop, FIFOs. */
#include "serial.h"

#define SCRATCH  (SERIAL + 7)
#define IIR_FIFO 0xc0u
#define DLAB     0x80u

int guest_main(void)
{
    out8(IER, 0xff);
    CHECK_EQUAL(in8(IER), 0x0f);
    out8(IER, 0);
    CHECK_EQUAL(in8(IER), 0);
    out8(SCRATCH, 0x5a);
    CHECK_EQUAL(in8(SCRATCH), 0x5a);

    out16(SCRATCH, 0x1234);
    CHECK_EQUAL(in8(SCRATCH), 0x34);

    out8(LCR, DLAB | 3);
    out8(SERIAL, 0x34);
    out8(IER, 0x12);
    CHECK_EQUAL(in8(SERIAL), 0x34);
    CHECK_EQUAL(in8(IER), 0x12);
    out8(LCR, 3);
    CHECK_EQUAL(in8(IER), 0);

    out8(FCR, 0);
    CHECK_EQUAL(in8(IIR), IIR_NOTHING);
    out8(FCR, FCR_FIFO);
    CHECK_EQUAL(in8(IIR), IIR_FIFO | IIR_NOTHING);

    /* In the loop, RTS and OUT2 come back as CTS and carrier, and bytes as received. */
    out8(MCR, MCR_LOOP | MCR_OUT2 | 2);
    CHECK_EQUAL(in8(MSR) & 0xf0, 0x90);
    CHECK_EQUAL(in8(LSR) & LSR_RECEIVED, 0);
    for (unsigned i = 0; i < 20; i++) /* four more than there is room for */
        out8(SERIAL, (uint8_t)(0x80 + i));
    for (unsigned i = 0; i < 16; i++) {
        CHECK_EQUAL(in8(LSR) & LSR_RECEIVED, LSR_RECEIVED);
        CHECK_EQUAL(in8(SERIAL), 0x80 + i);
    }
    CHECK_EQUAL(in8(LSR) & LSR_RECEIVED, 0);
    out8(MCR, MCR_OUT2);
    return 0;
}
