/* SPDX-License-Identifier: MIT
 * Segments, task state and the per-CPU pointer. */
#include "cpu.h"

#define MSR_GS_BASE 0xc0000101u
#define MSR_PAT     0x277u

#define NO_PORTS 0xffffu /* a bitmap beyond the end of the TSS */

/* Entry 0 write-back, 1 write-combining, 2 uncached-, 3 uncached; the upper half is the same. */
#define PAT 0x0007010600070106ull

struct cpu *nano_cpu_table[NANO_CPUS];

#define TSS_BYTES (sizeof(struct tss) + sizeof(((struct cpu *)0)->user_ports))
_Static_assert(offsetof(struct cpu, user_ports) == offsetof(struct cpu, tss) + sizeof(struct tss),
               "the bitmap lies right behind");

static void set_descriptors(struct cpu *cpu)
{
    const uint64_t base = (uintptr_t)&cpu->tss;

    cpu->gdt[SELECTOR_CODE / 8] = 0x00af9b000000ffff;
    cpu->gdt[SELECTOR_DATA / 8] = 0x00cf93000000ffff;
    cpu->gdt[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff;
    cpu->gdt[SELECTOR_USER_CODE / 8] = 0x00affb000000ffff;
    cpu->gdt[SELECTOR_TSS / 8] =
        (TSS_BYTES - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    cpu->gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
}

static void load_descriptors(const struct cpu *cpu)
{
    const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } gdt = {sizeof cpu->gdt - 1, (uintptr_t)cpu->gdt};

    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\n\t"
                     "movl %2, %%ds\n\t"
                     "movl %2, %%es\n\t"
                     "movl %2, %%ss\n\t"
                     "movl %3, %%fs\n\t"
                     "movl %3, %%gs\n\t"
                     "ltr %w4"
                     :
                     : "m"(gdt), "i"(SELECTOR_CODE), "r"(SELECTOR_DATA), "r"(0), "r"(SELECTOR_TSS)
                     : "rax", "memory");
}

void nano_cpu_init(struct cpu *cpu, uint8_t *trap_stack_top)
{
    cpu->self = cpu;
    cpu->tss.rsp[0] = (uintptr_t)trap_stack_top;
    cpu->tss.io_map = NO_PORTS;
    cpu->user_ports[NANO_USER_PORTS / 8] = 0xff; /* as the processor wants it */
    set_descriptors(cpu);
    load_descriptors(cpu);
    write_msr(MSR_GS_BASE, (uintptr_t)cpu);
    write_msr(MSR_PAT, PAT);
    nano_cpu_table[cpu->number] = cpu;
}

void nano_user_ports(bool open)
{
    this_cpu()->tss.io_map = open ? (uint16_t)sizeof(struct tss) : NO_PORTS;
}

uint32_t nano_cpu(void)
{
    return this_cpu()->number;
}
