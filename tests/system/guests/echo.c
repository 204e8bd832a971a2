/* SPDX-License-Identifier: MIT
 * Sleeps until the console's input interrupts, and sends what has come back in capitals; ends at a
 * full stop, with as many as it has counted. */
#include "tests/guest/serial.h"

int guest_main(void)
{
    int count = 0;

    __asm__ volatile("cli");
    nano_line_open(SERIAL_IRQ);
    out8(FCR, FCR_FIFO);
    out8(MCR, MCR_OUT2);
    hf_printf("asleep\n");
    out8(IER, IER_RECEIVED);
    for (;;) {
        serial_wait();
        while ((in8(LSR) & LSR_RECEIVED) != 0) {
            const uint8_t byte = in8(SERIAL);
            if (byte == '.')
                return count;
            if (byte >= 'a' && byte <= 'z') {
                out8(SERIAL, (uint8_t)(byte - 'a' + 'A'));
                count++;
            }
        }
    }
}
