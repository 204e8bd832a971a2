/* SPDX-License-Identifier: MIT
 * Kernels and boot code that wait at the status of a device which is not there come to an end, in
 * whichever way they wait. */
#include "nano.h"
#include "ports.h"

#define PATIENCE 1000

/* Whether these bits of the port become this. */
static bool becomes(uint16_t port, uint8_t bits, uint8_t value)
{
    for (int i = 0; i < PATIENCE; i++) {
        if ((in8(port) & bits) == value)
            return true;
    }
    return false;
}

int guest_main(void)
{
    static const uint16_t disks[] = {0x1f7, 0x3f6, 0x177, 0x376};
    static const uint16_t serials[] = {0x2fd, 0x3ed, 0x2ed};
    static const uint16_t screens[] = {0x3da, 0x3ba};
    static const uint16_t floppies[] = {0x3f4, 0x374};

    for (int i = 0; i < 4; i++) {
        CHECK(becomes(disks[i], 0x80, 0));    /* not busy */
        CHECK(becomes(disks[i], 0x09, 0x09)); /* data, or an error */
    }
    for (int i = 0; i < 3; i++) {
        CHECK(becomes(serials[i], 0x01, 0));                /* nothing received */
        CHECK(becomes(serials[i], 0x60, 0x60));             /* all sent */
        CHECK_EQUAL(in8((uint16_t)(serials[i] - 1)), 0xff); /* no driver takes it for a port */
    }
    for (int i = 0; i < 2; i++) {
        CHECK(becomes(screens[i], 0x08, 0x08)); /* the retrace begins */
        CHECK(becomes(screens[i], 0x08, 0));
        CHECK(becomes(screens[i], 0x01, 0x01));
        CHECK(becomes(screens[i], 0x01, 0));
        CHECK(becomes(floppies[i], 0xc0, 0x80)); /* takes a byte */
        CHECK(becomes(floppies[i], 0xc0, 0xc0)); /* has a byte */
        CHECK(becomes(floppies[i], 0x10, 0));    /* not busy */
    }

    /* The timer's port, by which short delays are measured: the refresh and the second channel. */
    CHECK(becomes(0x61, 0x10, 0x10));
    CHECK(becomes(0x61, 0x10, 0));
    out8(0x61, (uint8_t)((in8(0x61) & 0xfc) | 1));
    out8(0x43, 0xb0);
    out8(0x42, 0xff);
    out8(0x42, 0);
    CHECK(becomes(0x61, 0x20, 0x20));
    return 0;
}
