/* SPDX-License-Identifier: MIT
 * Reading the guest's instructions: which one made an access, and to which address. Needed only
 * where an access went wrong; the decoding itself is Zydis'. */
#ifndef HOLDFAST_MACHINE_INSTRUCTION_H
#define HOLDFAST_MACHINE_INSTRUCTION_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

struct memory;

/* A vCPU as it stands outside KVM_RUN. */
struct instruction_context {
    int vcpu_fd;
    const struct memory *memory;
    const struct kvm_regs *regs;
    const struct kvm_sregs *sregs;
};

/* The guest-physical address behind a linear one; false if the guest has none there. */
bool instruction_translate(const struct instruction_context *context, uint64_t linear,
                           uint64_t *gpa);

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

/* What the instruction at rip touches of RAM and of the arena: each page of each operand that it
 * reads or writes, its own pages, and the page tables that lead there. What it touches beside its
 * operands is found as far as is known, and then the list is not whole. */
void instruction_find_accesses(const struct instruction_context *context,
                               struct instruction_accesses *accesses);

/* The same while the processor delivers an event: its tables and stacks come first, and whether the
 * instruction at rip has been begun is not known. */
void instruction_find_delivery(const struct instruction_context *context, uint8_t vector,
                               struct instruction_accesses *accesses);

/* What KVM has told of a store: where, the first bytes (eight at most) of what. */
struct instruction_store {
    uint64_t gpa;
    uint64_t value;
    uint32_t bytes;
};

/* KVM has emulated a store and moved on. Finds the instruction, which ends at rip, and sets regs
 * back to before it: rip, and what a push, a call or a string instruction moved. false if none
 * fits. */
bool instruction_undo_store(const struct instruction_context *context,
                            const struct instruction_store *store, struct kvm_regs *regs);

#endif
