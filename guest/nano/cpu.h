/* SPDX-License-Identifier: MIT
 * One CPU of a nano guest: its tables, its stack, what it was told to do. */
#ifndef HOLDFAST_NANO_CPU_H
#define HOLDFAST_NANO_CPU_H

#include "nano.h"

#define SELECTOR_CODE      0x08u
#define SELECTOR_DATA      0x10u
#define SELECTOR_USER_DATA 0x1bu
#define SELECTOR_USER_CODE 0x23u
#define SELECTOR_TSS       0x28u

#define VECTOR_NMI   2u    /* look at your flushes */
#define VECTOR_WORK  0x20u /* interrupt: look at your work */
#define VECTOR_LINES 0x28u /* and the seven behind it: the lines of the 8259 */
#define VECTORS      48u

#define STACK_PAGES 4u

/* Where nano_catch() was called; the offsets are known to vectors.S. */
struct catcher {
    uint64_t rip, rsp, rbx, rbp, r12, r13, r14, r15;
    struct catcher *outer;
    uint64_t rflags; /* as nano_try() found them */
    struct nano_exception *report;
};

struct __attribute__((packed)) tss {
    uint32_t zero0;
    uint64_t rsp[3];
    uint64_t zero1;
    uint64_t ist[7];
    uint64_t zero2;
    uint16_t zero3;
    uint16_t io_map;
};

struct cpu {
    struct cpu *self; /* what GS points to */
    uint32_t number;
    uint32_t apic_id;
    struct catcher *catcher;
    uint64_t gdt[7];
    struct tss tss;
    uint8_t user_ports[NANO_USER_PORTS / 8 + 1]; /* part of the TSS: a clear bit opens a port */
    uint8_t *user_stack;                         /* made at first use */

    /* Written by others. */
    void (*function)(void *);
    void *argument;
    bool busy;
    uint32_t flushes_wanted;
    uint32_t flushes_done;
};

_Static_assert(sizeof(struct cpu) <= 4096, "one page for each CPU");

extern struct cpu *nano_cpu_table[NANO_CPUS];

static inline struct cpu *this_cpu(void)
{
    struct cpu *cpu;

    __asm__("mov %%gs:0, %0" : "=r"(cpu));
    return cpu;
}

static inline uint64_t read_msr(uint32_t msr)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline void write_port(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
                     : "0"(leaf), "2"(subleaf));
}

/* ---- cpu.c: tables of the CPU that calls ---- */
void nano_cpu_init(struct cpu *cpu, uint8_t *trap_stack_top);

/* ---- exceptions.c ---- */
void nano_exceptions_init(void); /* once */
void nano_exceptions_load(void); /* on each CPU */

/* ---- lines.c ---- */
void nano_line_raised(uint32_t line);

/* ---- smp.c ---- */
void nano_smp_init(void);
void nano_interrupt(uint32_t cpu);        /* sends VECTOR_WORK */
void nano_interrupt_always(uint32_t cpu); /* sends an NMI: CPUs with interrupts off take it, too */
void nano_end_of_interrupt(void);

/* ---- paging.c ---- */
void nano_paging_init(uint64_t ram_end);
void nano_paging_load(void);   /* on each CPU */
void nano_serve_flushes(void); /* does what other CPUs wait for */
uint64_t nano_paging_root(void);

/* ---- pages.c ---- */
void nano_pages_init(const void *boot_params);
uint64_t nano_ram_end(void);

#endif
