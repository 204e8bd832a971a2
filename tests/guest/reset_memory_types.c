/* SPDX-License-Identifier: MIT
 * A guest that boots anew finds the memory types (MTRRs) as they were at power-on. */
/* vm: --on-poweroff reset --object name=notes,size=4K */
#include "guest/nano/cpu.h"
#include "ports.h"
#include "reset_releases.h"

#define MTRR_BASE_0  0x200u
#define MTRR_MASK_0  0x201u
#define MTRR_FIXED   0x250u
#define MTRR_DEFAULT 0x2ffu

int guest_main(void)
{
    struct hf_info at_boot;
    struct notes *notes = reset_notes(&at_boot);

    CHECK(notes != NULL);
    CHECK_EQUAL(read_msr(MTRR_DEFAULT), 0x806);
    CHECK_EQUAL(read_msr(MTRR_BASE_0), 0);
    CHECK_EQUAL(read_msr(MTRR_MASK_0), 0);
    CHECK_EQUAL(read_msr(MTRR_FIXED), 0);
    if (notes->boots++ == 1)
        return 0;
    write_msr(MTRR_BASE_0, 0xc0000000u);
    write_msr(MTRR_MASK_0, 0xc0000800u);
    write_msr(MTRR_FIXED, 0x0606060606060606u);
    write_msr(MTRR_DEFAULT, 0);
    out16(0x604, 0x3400);
    return 9;
}
