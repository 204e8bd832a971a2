/* SPDX-License-Identifier: MIT
 * Registers as they were before an instruction whose store has failed, but which KVM's emulator
 * has completed otherwise: what it computed from them must not be computed from its results. */
#include "decoded.h"

#define CARRY_BIT     (1ull << 0)
#define ZERO_BIT      (1ull << 6)
#define DIRECTION_BIT (1ull << 10)

bool decoded_is_repeated(const struct decoded *decoded)
{
    return (decoded->instruction.attributes & ZYDIS_ATTRIB_HAS_REP) != 0;
}

bool decoded_pushes(const struct decoded *decoded)
{
    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_PUSH:
    case ZYDIS_MNEMONIC_PUSHF:
    case ZYDIS_MNEMONIC_PUSHFD:
    case ZYDIS_MNEMONIC_PUSHFQ:
    case ZYDIS_MNEMONIC_CALL:
    case ZYDIS_MNEMONIC_ENTER:
        return true;
    default:
        return false;
    }
}

uint32_t decoded_pushed_bytes(const struct instruction_context *context,
                              const struct decoded *decoded)
{
    /* KVM's emulator has ENTER push as much as the stack is wide. */
    return decoded->instruction.mnemonic == ZYDIS_MNEMONIC_ENTER
               ? decoded_stack_bits(context) / 8
               : decoded->instruction.operand_width / 8u;
}

/* The second operand: a register or a number. */
static uint64_t source(const struct decoded *decoded, const struct registers *regs)
{
    const ZydisDecodedOperand *operand = &decoded->operands[1];

    return operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE
               ? operand->imm.value.u
               : decoded_register(regs, operand->reg.value);
}

/* What the instruction has found in memory, which still is there. false: it cannot be read. */
static bool found(const struct instruction_context *context, const struct instruction_store *store,
                  uint64_t *value)
{
    *value = 0;
    return context->source.read(context->source.who, store->gpa, value, store->bytes);
}

static void set_carry(struct registers *regs, uint64_t carry)
{
    regs->rflags = (regs->rflags & ~CARRY_BIT) | (carry & 1);
}

/* ADC and SBB: the carry is what the sum has in excess. */
static void step_back_sum(const struct instruction_context *context, const struct decoded *decoded,
                          const struct instruction_store *store, struct registers *regs)
{
    const bool adds = decoded->instruction.mnemonic == ZYDIS_MNEMONIC_ADC;
    const uint64_t term = source(decoded, regs);
    uint64_t old;

    if (found(context, store, &old))
        set_carry(regs, adds ? store->value - old - term : old - term - store->value);
}

/* RCL and RCR: the carry went through the operand. */
static void step_back_rotation(const struct decoded *decoded, const struct instruction_store *store,
                               struct registers *regs)
{
    const uint32_t bits = decoded->operands[0].size;
    const uint64_t count = (source(decoded, regs) & (bits == 64 ? 63 : 31)) % (bits + 1);
    const bool left = decoded->instruction.mnemonic == ZYDIS_MNEMONIC_RCL;

    if (count > 0)
        set_carry(regs, store->value >> (left ? count - 1 : bits - count));
}

/* CMPXCHG and CMPXCHG8B that have found another value, and stored it again. What they looked for is
 * lost; it must not become what they have found, or they find it. Of the flags, the one that tells
 * so comes out right. */
static void step_back_comparison(struct registers *regs, uint32_t bits)
{
    if ((regs->rflags & ZERO_BIT) == 0)
        regs->rax ^= decoded_cut(UINT64_MAX, bits);
}

/* Those that read what they change beside memory. A part of a store that crosses a page does not
 * tell enough. */
static void step_back_result(const struct instruction_context *context,
                             const struct decoded *decoded, const struct instruction_store *store,
                             struct registers *regs)
{
    const uint32_t bits = decoded->operands[0].size;

    if (store->bytes * 8 != bits)
        return;
    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_XADD:
        decoded_set_register(regs, decoded->operands[1].reg.value,
                             decoded_cut(store->value - source(decoded, regs), bits));
        break;
    case ZYDIS_MNEMONIC_CMPXCHG:
        step_back_comparison(regs, bits);
        break;
    case ZYDIS_MNEMONIC_CMPXCHG8B:
        step_back_comparison(regs, 32);
        break;
    case ZYDIS_MNEMONIC_ADC:
    case ZYDIS_MNEMONIC_SBB:
        step_back_sum(context, decoded, store, regs);
        break;
    case ZYDIS_MNEMONIC_RCL:
    case ZYDIS_MNEMONIC_RCR:
        step_back_rotation(decoded, store, regs);
        break;
    default:
        break;
    }
}

/* Sets so many of the lowest bits. What an instruction computes with them reaches no others. */
static void set_low(uint64_t *value, uint64_t low, uint32_t bits)
{
    *value = (*value & ~decoded_cut(UINT64_MAX, bits)) | decoded_cut(low, bits);
}

/* By its category: MOVSD is the name of another instruction, too, which moves no pointer. */
static bool is_string(const struct decoded *decoded)
{
    return decoded->instruction.meta.category == ZYDIS_CATEGORY_STRINGOP ||
           decoded->instruction.meta.category == ZYDIS_CATEGORY_IOSTRINGOP;
}

/* Of those that store: INS and STOS take from a register. */
static bool moves_from_memory(const struct decoded *decoded)
{
    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        return true;
    default:
        return false;
    }
}

static void step_back_string(const struct decoded *decoded, struct registers *regs)
{
    /* INS has no form of 64 bits: its operand tells, and the width does not. */
    const uint64_t bytes = decoded->operands[0].size / 8;
    const uint64_t step = (regs->rflags & DIRECTION_BIT) != 0 ? 0 - bytes : bytes;
    const uint32_t width = decoded->instruction.address_width;

    if (moves_from_memory(decoded))
        set_low(&regs->rsi, regs->rsi - step, width);
    set_low(&regs->rdi, regs->rdi - step, width);
    if (decoded_is_repeated(decoded))
        set_low(&regs->rcx, regs->rcx + 1, width);
}

/* KVM's emulator knows only the form that copies no frame pointers. */
static void step_back_enter(const struct instruction_store *store, uint32_t stack_bits,
                            struct registers *regs)
{
    if (store->bytes * 8 != stack_bits)
        return;
    set_low(&regs->rsp, regs->rbp + store->bytes, stack_bits);
    set_low(&regs->rbp, store->value, stack_bits);
}

void decoded_step_back(const struct instruction_context *context, const struct decoded *decoded,
                       const struct instruction_store *store, struct registers *regs)
{
    const uint64_t bytes = decoded->instruction.operand_width / 8;
    const uint32_t stack_bits = decoded_stack_bits(context);

    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_POP:
        set_low(&regs->rsp, regs->rsp - bytes, stack_bits);
        break;
    case ZYDIS_MNEMONIC_ENTER:
        step_back_enter(store, stack_bits, regs);
        break;
    default:
        if (is_string(decoded))
            step_back_string(decoded, regs);
        else if (decoded_pushes(decoded))
            set_low(&regs->rsp, regs->rsp + decoded_pushed_bytes(context, decoded), stack_bits);
        else
            step_back_result(context, decoded, store, regs);
        break;
    }
}
