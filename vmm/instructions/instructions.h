/* SPDX-License-Identifier: MIT
 * Reading the guest's instructions: which accesses the one at rip makes, and which one has made a
 * store. Pure logic over bytes that a guest controls: registers and a way to read memory come in,
 * accesses or earlier registers come out. No system call, no allocation; the decoding itself is
 * Zydis'. Needed only where an access went wrong, so never on the path of a MAP.
 *
 * Which hosts need it:
 *
 * All of them need instruction_find_accesses() and instruction_find_delivery(). Where the processor
 * runs the guest's code itself, KVM_RUN fails with EFAULT and names no address. Where KVM fetches
 * pages in the background, it does not report a failure at all.
 *
 * Hosts whose KVM emulates the guest's stores need instruction_undo_store(), too. kvm-pvm emulates
 * all code in ring 0. Without nested paging, KVM emulates what it cannot map. With nested paging
 * (EPT, NPT), KVM emulates few instructions, such as INS, and hardly ever a store to memory.
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_INSTRUCTIONS_INSTRUCTIONS_H
#define HOLDFAST_INSTRUCTIONS_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSTRUCTION_LONGEST 15u /* bytes */

/* ---- what comes in ---- */

#define GENERAL_REGISTERS 16u

/* Those that an instruction computes with. */
struct registers {
    union {
        struct {
            uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
            uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
        };
        uint64_t general[GENERAL_REGISTERS]; /* the same by the number that instructions use */
    };
    uint64_t rip, rflags;
};

/* Those that say how an instruction is read and where its segments lie. */
struct system_registers {
    uint64_t cr0, cr3, cr4, efer;
    uint64_t cs_base, ds_base, es_base, fs_base, gs_base, ss_base;
    uint64_t tr_base, gdt_base, idt_base;
    uint16_t gdt_limit;
    uint8_t code_privilege;                             /* CS.DPL */
    bool code_is_long, code_is_32_bit, stack_is_32_bit; /* CS.L, CS.D, SS.B */
};

#define EXTENDED_COMPONENTS 63u
#define EXTENDED_BYTES      4096u

struct extended_component {
    uint32_t at, bytes; /* none: the processor does not have it */
};

/* The vector registers and what else XSAVE saves, in the form that is not compacted. */
struct extended_state {
    uint64_t xcr0; /* all ones: not known */
    struct extended_component component[EXTENDED_COMPONENTS];
    bool is_known; /* what follows */
    uint8_t area[EXTENDED_BYTES];
};

/* Where the rest of the state comes from. Each function is handed who. */
struct instruction_source {
    const void *who;
    /* Copies guest-physical memory, all of it on one page; false: it cannot be read. */
    bool (*read)(const void *who, uint64_t gpa, void *to, size_t bytes);
    /* Whether memory may be there: a device's addresses are not of interest. */
    bool (*is_memory)(const void *who, uint64_t gpa);
    /* Where a linear address leads to, as the processor sees it; false: not known. Then the tables
     * in memory are asked. */
    bool (*translate)(const void *who, uint64_t linear, uint64_t *gpa);
    /* Fills all of it. Few instructions need it. */
    void (*extended_state)(const void *who, struct extended_state *state);
};

/* A vCPU as it stands between two instructions. */
struct instruction_context {
    struct registers registers;
    struct system_registers system;
    struct instruction_source source;
};

/* What KVM has told of a store: where, the first bytes (eight at most, and on one page) of what. */
struct instruction_store {
    uint64_t gpa;
    uint64_t value;
    uint32_t bytes;
};

/* ---- what comes out ---- */

enum certainty {
    ACCESS_CERTAIN,  /* the instruction makes it */
    ACCESS_POSSIBLE, /* it may make it: a mask decides, or state that is not looked at */
    ACCESS_GUESSED,  /* nothing but a register holds the address */
};

/* An access of the guest to one page: the first byte of it. */
struct instruction_access {
    uint64_t gpa;
    bool write;
    enum certainty certainty;
};

#define INSTRUCTION_ACCESSES_MOST 64u

struct instruction_accesses {
    uint32_t count;
    struct instruction_access access[INSTRUCTION_ACCESSES_MOST];
    bool whole; /* the instruction makes these accesses and no other */
};

/* What the instruction at rip touches of memory: each page of each operand that it reads or writes,
 * its own pages, and the page tables that lead there. What it touches beside its operands is found
 * as far as is known, and then the list is not whole. Cannot fail: bytes that are no instruction
 * give guesses. */
void instruction_find_accesses(const struct instruction_context *context,
                               struct instruction_accesses *accesses);

/* The same while the processor delivers an event: its tables and stacks come first, and whether the
 * instruction at rip has been begun is not known. */
void instruction_find_delivery(const struct instruction_context *context, uint8_t vector,
                               struct instruction_accesses *accesses);

/* KVM has emulated a store and moved on. Finds the instruction, which ends at rip, and sets regs to
 * those before it: rip, and what a push, a call or a string instruction moved. false if none fits;
 * regs is then as it was. */
bool instruction_undo_store(const struct instruction_context *context,
                            const struct instruction_store *store, struct registers *regs);

#endif
