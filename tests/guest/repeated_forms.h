/* SPDX-License-Identifier: MIT
 * Instructions that store, each run with all registers given, and with all of them seen. */
#ifndef HOLDFAST_TEST_REPEATED_FORMS_H
#define HOLDFAST_TEST_REPEATED_FORMS_H

#include "nano.h"

/* The offsets are known to FORM. */
struct state {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, flags;
};

/* Loads the state from RDI, runs the instruction, stores the state. */
#define FORM(name, instruction)                                                                    \
    void form_##name(struct state *state);                                                         \
    __asm__(".text\n"                                                                              \
            "form_" #name ":\n"                                                                    \
            "push %rbx; push %rbp; push %r14; push %r15\n"                                         \
            "mov %rdi, %r14; mov %rsp, %r15\n"                                                     \
            "mov 0(%r14), %rax; mov 8(%r14), %rbx; mov 16(%r14), %rcx; mov 24(%r14), %rdx\n"       \
            "mov 32(%r14), %rsi; mov 40(%r14), %rdi; mov 48(%r14), %rbp\n"                         \
            "pushq 64(%r14); popfq; mov 56(%r14), %rsp\n" instruction "\n"                         \
            "mov %rsp, 56(%r14); mov %r15, %rsp; pushfq; popq 64(%r14); cld\n"                     \
            "mov %rax, 0(%r14); mov %rbx, 8(%r14); mov %rcx, 16(%r14); mov %rdx, 24(%r14)\n"       \
            "mov %rsi, 32(%r14); mov %rdi, 40(%r14); mov %rbp, 48(%r14)\n"                         \
            "pop %r15; pop %r14; pop %rbp; pop %rbx; ret\n")

FORM(mov, "mov %rax, (%rdi)");
FORM(xchg, "xchg %rbx, (%rdi)");
FORM(xchg8, "xchg %bh, (%rdi)");
FORM(xchg32, "xchg %ebx, (%rdi)");
FORM(xadd, "xadd %rbx, (%rdi)");
FORM(xadd16, "xadd %bx, (%rdi)");
FORM(xadd8, "xadd %bl, (%rdi)");
FORM(xadd32, "xadd %ebx, (%rdi)");
FORM(locked_xadd, "lock xadd %rbx, (%rdi)");
FORM(cmpxchg_other, "cmpxchg %rbx, (%rdi)");
FORM(cmpxchg_other32, "cmpxchg %ebx, (%rdi)");
FORM(cmpxchg_other8, "cmpxchg %bl, (%rdi)");
FORM(cmpxchg_same, "mov (%rsi), %rax; cmpxchg %rbx, (%rdi)");
FORM(locked_cmpxchg_other, "lock cmpxchg %rbx, (%rdi)");
FORM(cmpxchg8b_other, "cmpxchg8b (%rdi)");
FORM(cmpxchg8b_same, "mov (%rsi), %eax; mov 4(%rsi), %edx; cmpxchg8b (%rdi)");
FORM(adc, "adc %rbx, (%rdi)");
FORM(adc32, "adcl $5, (%rdi)");
FORM(adc8, "adcb %bl, (%rdi)");
FORM(sbb, "sbb %rbx, (%rdi)");
FORM(sbb16, "sbbw $5, (%rdi)");
FORM(rcl, "rclq $1, (%rdi)");
FORM(rcr, "rcrl $3, (%rdi)");
FORM(add, "add %rbx, (%rdi)");
FORM(inc, "incq (%rdi)");
FORM(neg, "negq (%rdi)");
FORM(shld, "shld $5, %rbx, (%rdi)");
FORM(bts, "btsq $3, (%rdi)");
FORM(bts_far, "mov $-200, %rdx; btsq %rdx, 64(%rdi)");
FORM(btc_far16, "mov $0x0105, %edx; btcw %dx, (%rdi)");
FORM(setc, "setc (%rdi)");
FORM(pop, "popq (%rdi)");
FORM(pop_into_base, "mov %rdi, %rsi; popq (%rsi)");
FORM(xadd_base, "mov %rdi, %rbx; xadd %rbx, (%rbx)");
FORM(xadd_high, "xadd %bh, (%rdi)");
FORM(pop16, "popw (%rdi)");
FORM(stos, "stosq");
FORM(rep_stos, "rep stosl");
FORM(movs, "movsq");
FORM(rep_movs, "rep movsb");
FORM(across, "addq %rbx, 4093(%rdi)");

FORM(push, "push %rax");
FORM(push_immediate, "pushq $-5");
FORM(push16, "pushw %ax");
FORM(push_segment, "push %fs");
FORM(push_memory, "pushq (%rsi)");
FORM(push_flags, "pushfq");
FORM(push_flags16, "pushfw");
FORM(call_near, "call 1f; 1:");
FORM(call_indirect, "lea 1f(%rip), %rdx; call *%rdx; 1:");
FORM(enter_0, "enter $16, $0");

struct form {
    const char *name;
    void (*run)(struct state *);
};
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, form_##name                                                                         \
    }

static const struct form forms[] = {
    ROW(mov),
    ROW(xchg),
    ROW(xchg8),
    ROW(xchg32),
    ROW(xadd),
    ROW(xadd16),
    ROW(xadd8),
    ROW(xadd32),
    ROW(locked_xadd),
    ROW(cmpxchg_other),
    ROW(cmpxchg_other32),
    ROW(cmpxchg_other8),
    ROW(cmpxchg_same),
    ROW(locked_cmpxchg_other),
    ROW(cmpxchg8b_other),
    ROW(cmpxchg8b_same),
    ROW(adc),
    ROW(adc32),
    ROW(adc8),
    ROW(sbb),
    ROW(sbb16),
    ROW(rcl),
    ROW(rcr),
    ROW(add),
    ROW(inc),
    ROW(neg),
    ROW(shld),
    ROW(bts),
    ROW(bts_far),
    ROW(btc_far16),
    ROW(setc),
    ROW(pop),
    ROW(pop16),
    ROW(pop_into_base),
    ROW(xadd_base),
    ROW(xadd_high),
    ROW(stos),
    ROW(rep_stos),
    ROW(movs),
    ROW(rep_movs),
    ROW(across),
};
static const struct form stack_forms[] = {
    ROW(push),       ROW(push_immediate), ROW(push16),    ROW(push_segment),  ROW(push_memory),
    ROW(push_flags), ROW(push_flags16),   ROW(call_near), ROW(call_indirect), ROW(enter_0),
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
