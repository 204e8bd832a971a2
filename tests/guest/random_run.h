/* SPDX-License-Identifier: MIT
 * Runs one instruction with all registers given, in either ring, until it raises an exception, and
 * tells all registers as they are then. */
#ifndef HOLDFAST_TEST_RANDOM_RUN_H
#define HOLDFAST_TEST_RANDOM_RUN_H

#include "guest/nano/cpu.h"
#include "nano.h"

/* The order is known to the code below. */
enum run_register {
    RUN_RAX,
    RUN_RCX,
    RUN_RDX,
    RUN_RBX,
    RUN_RSP,
    RUN_RBP,
    RUN_RSI,
    RUN_RDI,
    RUN_R8,
    RUN_R9,
    RUN_R12 = RUN_R8 + 4,
    RUN_R14 = RUN_R8 + 6,
    RUN_R15,
    RUN_FLAGS,
    RUN_RIP,
    RUN_REGISTERS
};

static const char *const run_names[RUN_REGISTERS] = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",   "r8",
    "r9",  "r10", "r11", "r12", "r13", "r14", "r15", "flags", "rip",
};

uint64_t run_registers[RUN_REGISTERS]; /* before, then after */
uint64_t run_vector;
uint64_t run_selectors[2]; /* SS, CS */
uint64_t run_kernel_stack;

void run_instruction(void);
extern const char run_vectors[]; /* one every 16 bytes */

__asm__(".text\n"
        "run_instruction:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "mov %rsp, run_kernel_stack\n"
        "pushq run_selectors; pushq run_registers+4*8; pushq run_registers+16*8\n"
        "pushq run_selectors+8; pushq run_registers+17*8\n"
        "mov run_registers+0*8, %rax; mov run_registers+1*8, %rcx\n"
        "mov run_registers+2*8, %rdx; mov run_registers+3*8, %rbx\n"
        "mov run_registers+5*8, %rbp; mov run_registers+6*8, %rsi\n"
        "mov run_registers+7*8, %rdi; mov run_registers+8*8, %r8\n"
        "mov run_registers+9*8, %r9; mov run_registers+10*8, %r10\n"
        "mov run_registers+11*8, %r11; mov run_registers+12*8, %r12\n"
        "mov run_registers+13*8, %r13; mov run_registers+14*8, %r14\n"
        "mov run_registers+15*8, %r15\n"
        "iretq\n"
        /* The vector and the error code are on the stack, then what the processor has pushed. */
        "run_raised:\n"
        "mov %rax, run_registers+0*8; mov %rcx, run_registers+1*8\n"
        "mov %rdx, run_registers+2*8; mov %rbx, run_registers+3*8\n"
        "mov %rbp, run_registers+5*8; mov %rsi, run_registers+6*8\n"
        "mov %rdi, run_registers+7*8; mov %r8, run_registers+8*8\n"
        "mov %r9, run_registers+9*8; mov %r10, run_registers+10*8\n"
        "mov %r11, run_registers+11*8; mov %r12, run_registers+12*8\n"
        "mov %r13, run_registers+13*8; mov %r14, run_registers+14*8\n"
        "mov %r15, run_registers+15*8\n"
        "pop %rax; mov %rax, run_vector; pop %rax\n"
        "pop %rax; mov %rax, run_registers+17*8; pop %rax\n"
        "pop %rax; mov %rax, run_registers+16*8; pop %rax; mov %rax, run_registers+4*8\n"
        "cld; mov run_kernel_stack, %rsp\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n"
        ".balign 16\n"
        "run_vectors:\n"
        ".set vector, 0\n"
        ".rept 32\n"
        ".balign 16\n"
        ".if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21)\n"
        ".else\n"
        "pushq $0\n"
        ".endif\n"
        "pushq $vector\n"
        "jmp run_raised\n"
        ".set vector, vector + 1\n"
        ".endr\n");

struct __attribute__((packed)) run_table {
    uint16_t limit;
    uint64_t base;
};

/* In place of nano's, for as long as an instruction runs. */
static struct {
    uint64_t low, high;
} run_gates[32] __attribute__((aligned(16)));
static struct run_table run_nanos_gates;

#define RUN_STACK_PAGES 2u

/* Exceptions come on a stack of their own, for the instruction may have any. */
static inline void run_prepare(bool user)
{
    this_cpu()->tss.ist[0] = (uintptr_t)nano_pages(RUN_STACK_PAGES) + RUN_STACK_PAGES * 4096;
    for (uint64_t i = 0; i < 32; i++) {
        const uint64_t target = (uintptr_t)run_vectors + i * 16;
        const uint64_t type = i == 3 ? 0xee : 0x8e; /* ring 3 may use INT3 */
        run_gates[i].low = (target & 0xffff) | SELECTOR_CODE << 16 | 1ull << 32 | type << 40 |
                           (target >> 16 & 0xffff) << 48;
        run_gates[i].high = target >> 32;
    }
    run_selectors[0] = user ? SELECTOR_USER_DATA : SELECTOR_DATA;
    run_selectors[1] = user ? SELECTOR_USER_CODE : SELECTOR_CODE;
    __asm__ volatile("sidt %0" : "=m"(run_nanos_gates));
}

/* Runs what run_registers says; they and run_vector tell how it ended. */
static inline void run_one(void)
{
    const struct run_table table = {sizeof run_gates - 1, (uintptr_t)run_gates};

    __asm__ volatile("lidt %0" : : "m"(table));
    run_instruction();
    __asm__ volatile("lidt %0" : : "m"(run_nanos_gates) : "memory");
}

#endif
