/* SPDX-License-Identifier: MIT */
#include "absent.h"

/* Registers of status, as they are in every PC. */
enum {
    DISK_1 = 0x1f7,
    DISK_1_AGAIN = 0x3f6,
    DISK_2 = 0x177,
    DISK_2_AGAIN = 0x376,
    SERIAL_2 = 0x2fd,
    SERIAL_3 = 0x3ed,
    SERIAL_4 = 0x2ed,
    SCREEN = 0x3da,
    SCREEN_MONOCHROME = 0x3ba,
    FLOPPY_1 = 0x3f4,
    FLOPPY_2 = 0x374,
};

#define DISK_NONE      0x7fu /* the bus pulls "busy" down, and nothing else */
#define SERIAL_NOTHING 0x60u /* has sent all and received nothing */
#define SCREEN_RETRACE 0x09u /* comes and goes */
#define FLOPPY_READY   0x80u
#define FLOPPY_ANSWERS                                                                             \
    0x40u /* comes and goes: who wants to write waits for 0, who wants to read for 1 */

uint8_t absent_read(uint16_t port, uint8_t *reads)
{
    switch (port) {
    case DISK_1:
    case DISK_1_AGAIN:
    case DISK_2:
    case DISK_2_AGAIN:
        return DISK_NONE;
    case SERIAL_2:
    case SERIAL_3:
    case SERIAL_4:
        return SERIAL_NOTHING;
    case SCREEN:
    case SCREEN_MONOCHROME:
        return (uint8_t)(++*reads % 2 == 0 ? ~SCREEN_RETRACE : UINT8_MAX);
    case FLOPPY_1:
    case FLOPPY_2:
        return FLOPPY_READY | (++*reads % 2 == 0 ? FLOPPY_ANSWERS : 0);
    default:
        return UINT8_MAX;
    }
}
