/* SPDX-License-Identifier: MIT
 * An instruction that stores, as KVM's emulator leaves the registers behind it: what
 * instruction_undo_store() takes back. */
#ifndef HOLDFAST_FUZZ_INSTRUCTION_EMULATED_H
#define HOLDFAST_FUZZ_INSTRUCTION_EMULATED_H

#include "instruction_bytes.h"
#include "vmm/instructions/decoded.h"

#define CARRY     1ull
#define BACKWARDS (1ull << 10)

struct emulated {
    const struct instruction_context *context; /* the registers before are in there */
    struct decoded decoded;
    uint64_t end;
    struct registers after;
    struct instruction_store store;
    struct registers expected; /* of the registers before, what still matters */
};

/* As KVM writes back what was computed with so many bits. */
static inline uint64_t emulated_low(uint64_t old, uint64_t value, uint32_t bits)
{
    const uint64_t low = decoded_cut(value, bits);

    return bits == 32 ? low : (old & ~decoded_cut(UINT64_MAX, bits)) | low;
}

static inline uint64_t emulated_stack(const struct emulated *emulated, uint64_t value)
{
    const uint32_t bits = decoded_stack_bits(emulated->context);
    const uint64_t mask = decoded_cut(UINT64_MAX, bits);

    return (emulated->context->registers.rsp & ~mask) | (value & mask);
}

static inline bool emulated_has(const struct emulated *emulated, const ZydisMnemonic *list,
                                size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (emulated->decoded.instruction.mnemonic == list[i])
            return true;
    return false;
}

/* MOVSD has a namesake that is none. */
static inline bool emulated_is_string(const struct emulated *emulated)
{
    const ZydisInstructionCategory category = emulated->decoded.instruction.meta.category;

    return category == ZYDIS_CATEGORY_STRINGOP || category == ZYDIS_CATEGORY_IOSTRINGOP;
}

/* Those whose results are not followed here. */
static inline bool emulated_is_beyond(const struct emulated *emulated)
{
    static const ZydisMnemonic list[] = {ZYDIS_MNEMONIC_CMPXCHG,    ZYDIS_MNEMONIC_CMPXCHG8B,
                                         ZYDIS_MNEMONIC_CMPXCHG16B, ZYDIS_MNEMONIC_RCL,
                                         ZYDIS_MNEMONIC_RCR,        ZYDIS_MNEMONIC_XCHG};

    return emulated_has(emulated, list, sizeof list / sizeof list[0]) ||
           emulated->decoded.instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
}

/* Makes the store of what lies at a linear address, or of the first part of it. */
static inline bool emulated_store(struct emulated *emulated, uint64_t linear, uint64_t bytes)
{
    const uint64_t to_border = PAGE - linear % PAGE;
    const uint64_t on_page = bytes < to_border ? bytes : to_border;

    emulated->store.bytes = (uint32_t)(on_page < 8 ? on_page : 8);
    return bytes > 0 && decoded_translate(emulated->context, linear, &emulated->store.gpa);
}

static inline bool emulated_push(struct emulated *emulated)
{
    const uint32_t bytes = decoded_pushed_bytes(emulated->context, &emulated->decoded);
    const uint64_t pointer = emulated_stack(emulated, emulated->after.rsp - bytes);

    emulated->after.rsp = pointer;
    if (emulated->decoded.instruction.mnemonic == ZYDIS_MNEMONIC_CALL) {
        emulated->after.rip = random_address();
        emulated->store.value = emulated->end;
    }
    return emulated_store(
        emulated,
        decoded_linear(emulated->context, ZYDIS_REGISTER_SS,
                       decoded_cut(pointer, decoded_stack_bits(emulated->context))),
        bytes);
}

/* What a string instruction stores, where that can be known. */
static inline uint64_t emulated_string_value(const struct emulated *emulated)
{
    const struct registers *before = &emulated->context->registers;
    const ZydisDecodedOperand *operands = emulated->decoded.operands;
    uint64_t value = before->rax;
    uint64_t linear;

    for (unsigned i = 0; i < emulated->decoded.instruction.operand_count; i++)
        if ((operands[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0 &&
            decoded_operand_address(emulated->context, &emulated->decoded, &operands[i], before,
                                    before->rip, &linear))
            decoded_fetch(emulated->context, linear, (uint8_t *)&value,
                          emulated->decoded.instruction.operand_width / 8);
    return value;
}

static inline void emulated_move_pointer(const struct emulated *emulated, uint64_t *after,
                                         uint64_t *expected, uint64_t step)
{
    const uint32_t bits = emulated->decoded.instruction.address_width;

    *after = emulated_low(*after, *after + step, bits);
    *expected = emulated_low(*expected, *expected, bits);
}

static inline bool emulated_string(struct emulated *emulated, uint64_t linear)
{
    const uint64_t bytes = emulated->decoded.operands[0].size / 8;
    const uint64_t step = (emulated->after.rflags & BACKWARDS) != 0 ? 0 - bytes : bytes;
    const ZydisMnemonic mnemonic = emulated->decoded.instruction.mnemonic;

    if (decoded_is_repeated(&emulated->decoded)) {
        const uint32_t bits = emulated->decoded.instruction.address_width;
        if (decoded_cut(emulated->after.rcx, bits) == 0)
            return false;
        emulated_move_pointer(emulated, &emulated->after.rcx, &emulated->expected.rcx, UINT64_MAX);
        if (decoded_cut(emulated->after.rcx, bits) != 0)
            emulated->after.rip = emulated->context->registers.rip;
    }
    emulated->store.value = emulated_string_value(emulated);
    emulated_move_pointer(emulated, &emulated->after.rdi, &emulated->expected.rdi, step);
    if (mnemonic == ZYDIS_MNEMONIC_MOVSB || mnemonic == ZYDIS_MNEMONIC_MOVSW ||
        mnemonic == ZYDIS_MNEMONIC_MOVSD || mnemonic == ZYDIS_MNEMONIC_MOVSQ)
        emulated_move_pointer(emulated, &emulated->after.rsi, &emulated->expected.rsi, step);
    return emulated_store(emulated, linear, bytes);
}

/* ENTER without frames to copy. Part of a store does not tell enough. */
static inline bool emulated_enter(struct emulated *emulated)
{
    const uint64_t frame = emulated->decoded.operands[0].imm.value.u;
    const uint32_t bits = decoded_stack_bits(emulated->context);
    const uint64_t mask = decoded_cut(UINT64_MAX, bits);

    if (emulated->decoded.operands[1].imm.value.u % 32 != 0 || !emulated_push(emulated) ||
        emulated->store.bytes * 8 != bits)
        return false;
    emulated->store.value = emulated->after.rbp;
    emulated->after.rbp = (emulated->after.rbp & ~mask) | (emulated->after.rsp & mask);
    emulated->after.rsp = emulated_stack(emulated, emulated->after.rsp - frame);
    return true;
}

/* ADC, SBB and XADD, where all of the operand is on one page. */
static inline bool emulated_sum(struct emulated *emulated, uint64_t linear)
{
    const ZydisDecodedOperand *source = &emulated->decoded.operands[1];
    const struct registers *before = &emulated->context->registers;
    const uint32_t bits = emulated->decoded.operands[0].size;
    const uint64_t term = source->type == ZYDIS_OPERAND_TYPE_IMMEDIATE
                              ? source->imm.value.u
                              : decoded_register(before, source->reg.value);
    const uint64_t with_carry = term + (before->rflags & CARRY);
    uint64_t old = 0;

    if (!emulated_store(emulated, linear, bits / 8) || emulated->store.bytes * 8 != bits ||
        decoded_fetch(emulated->context, linear, (uint8_t *)&old, bits / 8) != bits / 8)
        return false;
    switch (emulated->decoded.instruction.mnemonic) {
    case ZYDIS_MNEMONIC_XADD:
        emulated->store.value = old + term;
        decoded_set_register(&emulated->after, source->reg.value, old);
        break;
    case ZYDIS_MNEMONIC_ADC:
        emulated->store.value = old + with_carry;
        emulated->after.rflags ^= below(2); /* the carry */
        break;
    default:
        emulated->store.value = old - with_carry;
        emulated->after.rflags ^= below(2);
        break;
    }
    return true;
}

static inline bool emulated_to(struct emulated *emulated, const ZydisDecodedOperand *operand,
                               uint64_t linear)
{
    static const ZydisMnemonic sums[] = {ZYDIS_MNEMONIC_ADC, ZYDIS_MNEMONIC_SBB,
                                         ZYDIS_MNEMONIC_XADD};

    if (emulated_is_string(emulated))
        return emulated_string(emulated, linear);
    if (emulated_has(emulated, sums, sizeof sums / sizeof sums[0]))
        return emulated_sum(emulated, linear);
    return emulated_store(emulated, linear, operand->size / 8u);
}

/* Runs the instruction at rip. false: it stores nothing, or is not followed here. */
static inline bool emulate(const struct instruction_context *context, struct emulated *emulated)
{
    uint8_t bytes[INSTRUCTION_LONGEST];
    const uint64_t rip = context->registers.rip;
    const size_t count = decoded_fetch_code(context, rip, bytes, sizeof bytes);
    uint64_t linear;

    emulated->context = context;
    if (!decoded_read_emulated(context, bytes, count, &emulated->decoded) ||
        emulated_is_beyond(emulated))
        return false;
    emulated->expected = emulated->after = context->registers;
    emulated->end = emulated->after.rip = rip + emulated->decoded.instruction.length;
    emulated->store.value = random_64();
    if (emulated->decoded.instruction.mnemonic == ZYDIS_MNEMONIC_ENTER)
        return emulated_enter(emulated);
    if (decoded_pushes(&emulated->decoded))
        return emulated_push(emulated);
    if (emulated->decoded.instruction.mnemonic == ZYDIS_MNEMONIC_POP)
        emulated->after.rsp = emulated_stack(
            emulated, emulated->after.rsp + emulated->decoded.instruction.operand_width / 8);
    for (unsigned i = 0; i < emulated->decoded.instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &emulated->decoded.operands[i];
        if ((operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0 &&
            decoded_operand_address(context, &emulated->decoded, operand, &emulated->after, rip,
                                    &linear))
            return emulated_to(emulated, operand, linear);
    }
    return false;
}

#endif
