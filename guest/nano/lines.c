/* SPDX-License-Identifier: MIT
 * Interrupt lines of the first 8259, edge-triggered, taken by the CPU that starts first. */
#include "cpu.h"

#define PIC_COMMAND      0x20u
#define PIC_DATA         0x21u
#define SECOND_PIC_DATA  0xa1u
#define END_OF_INTERRUPT 0x20u

#define MSR_X2APIC_LINT0 0x835u
#define LVT_EXTINT       0x700u /* what LINT0 brings is the 8259's vector */

static uint8_t closed = 0xff; /* lines that are masked */
static uint32_t counts[NANO_LINES];

static void initialize(void)
{
    write_port(PIC_COMMAND, 0x11); /* edge-triggered, with a second 8259, four words follow */
    write_port(PIC_DATA, VECTOR_LINES);
    write_port(PIC_DATA, 1u << 2); /* where the second one is */
    write_port(PIC_DATA, 0x01);    /* 8086 mode */
    write_port(SECOND_PIC_DATA, 0xff);
    write_msr(MSR_X2APIC_LINT0, LVT_EXTINT);
}

void nano_line_open(uint32_t line)
{
    if (closed == 0xff)
        initialize();
    closed &= (uint8_t) ~(1u << line);
    write_port(PIC_DATA, closed);
}

void nano_line_raised(uint32_t line)
{
    __atomic_fetch_add(&counts[line], 1, __ATOMIC_RELAXED);
    write_port(PIC_COMMAND, END_OF_INTERRUPT);
}

uint32_t nano_line_count(uint32_t line)
{
    return __atomic_load_n(&counts[line], __ATOMIC_RELAXED);
}

uint32_t nano_line_wait(uint32_t line, uint32_t seen)
{
    for (;;) {
        /* The shadow of STI lets an interrupt in only with HLT. */
        __asm__ volatile("cli" : : : "memory");
        if (nano_line_count(line) != seen)
            break;
        __asm__ volatile("sti; hlt" : : : "memory");
    }
    __asm__ volatile("sti" : : : "memory");
    return nano_line_count(line);
}
