/* SPDX-License-Identifier: MIT
 * Which instruction has made a store, after KVM's emulator has moved on from it. */
#include "decoded.h"
#include "holdfast/abi.h"

#include <string.h>

#define SWEEP_BYTES 64u /* how far back linear decoding starts when several readings fit */

/* Whether a store of so many bytes to linear has this one as one of its parts: KVM hands a store
 * on page by page and in eights. */
static bool has_part(const struct instruction_context *context, uint64_t linear, uint64_t bytes,
                     const struct instruction_store *store)
{
    const uint64_t delta = (store->gpa - linear) % HF_PAGE_SIZE;
    const uint64_t to_next_page = HF_PAGE_SIZE - linear % HF_PAGE_SIZE;
    const bool crossed = delta >= to_next_page;
    const uint64_t start = crossed ? to_next_page : 0;
    const uint64_t end = crossed || bytes < to_next_page ? bytes : to_next_page;
    uint64_t found;

    if (delta >= end || (delta - start) % 8 != 0)
        return false;
    const uint64_t length = end - delta < 8 ? end - delta : 8;
    return length == store->bytes && decoded_translate(context, linear + delta, &found) &&
           found == store->gpa;
}

/* Whether the instruction at rip, run with the registers before, makes the store. */
static bool stores_to(const struct instruction_context *context, const struct decoded *decoded,
                      const struct registers *before, uint64_t rip,
                      const struct instruction_store *store)
{
    /* POP moves the stack pointer before it takes an address from there. */
    const struct registers *addressing =
        decoded->instruction.mnemonic == ZYDIS_MNEMONIC_POP ? &context->registers : before;

    for (ZyanU8 i = 0; i < decoded->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded->operands[i];
        uint32_t bytes = operand->size / 8u;
        uint64_t linear;
        if ((operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0 ||
            !decoded_operand_address(context, decoded, operand, addressing, rip, &linear))
            continue;
        if (decoded_pushes(decoded)) {
            bytes = decoded_pushed_bytes(context, decoded);
            linear = decoded_linear(context, ZYDIS_REGISTER_SS,
                                    decoded_cut(before->rsp - bytes, decoded_stack_bits(context)));
        }
        if (has_part(context, linear, bytes, store))
            return true;
    }
    return false;
}

/* Tries the bytes at rip as the instruction that made the store; sets regs back if it is. */
static bool try_at(const struct instruction_context *context, uint64_t rip, const uint8_t *bytes,
                   size_t length, const struct instruction_store *store, struct registers *regs)
{
    struct decoded decoded;
    struct registers before = context->registers;

    if (!decoded_read_emulated(context, bytes, length, &decoded) ||
        decoded.instruction.length != length)
        return false;
    decoded_step_back(context, &decoded, store, &before);
    if (!stores_to(context, &decoded, &before, rip, store))
        return false;
    *regs = before;
    regs->rip = rip;
    return true;
}

/* How many of the linear readings that start further back see an instruction of this length end
 * at the end of the code. Instruction streams fall into step after a few instructions. */
static unsigned votes(const struct instruction_context *context, const uint8_t *code, size_t count,
                      size_t length)
{
    unsigned for_it = 0;
    struct decoded decoded;

    for (size_t start = 0; start == 0 || start + 2 * (size_t)INSTRUCTION_LONGEST < count; start++) {
        size_t at = start;
        while (at < count - length &&
               decoded_read_emulated(context, code + at, count - at, &decoded))
            at += decoded.instruction.length;
        if (at == count - length)
            for_it++;
    }
    return for_it;
}

/* Whether a string instruction whose last round is taken back would store this very value again.
 * If so, it does not matter whether it or another instruction stored it. */
static bool repeats_value(const struct instruction_context *context, const struct decoded *decoded,
                          const struct registers *before, const struct instruction_store *store)
{
    const uint32_t bytes = decoded->instruction.operand_width / 8;
    uint64_t value = before->rax;

    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        for (ZyanU8 i = 0; i < decoded->instruction.operand_count; i++) {
            const ZydisDecodedOperand *operand = &decoded->operands[i];
            uint64_t linear;
            if ((operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0 &&
                decoded_operand_address(context, decoded, operand, before, before->rip, &linear) &&
                decoded_fetch(context, linear, (uint8_t *)&value, bytes) != bytes)
                return true; /* a device's: cannot be read again */
        }
        break;
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
        break;
    default:
        return true; /* INS */
    }
    /* A part of a store that crosses a page is not compared. */
    return store->bytes != bytes || memcmp(&value, &store->value, bytes) == 0;
}

/* A repeated string instruction is left between two rounds, with rip still on it. */
static bool undo_round(const struct instruction_context *context,
                       const struct instruction_store *store, struct registers *regs)
{
    const uint64_t rip = context->registers.rip;
    uint8_t bytes[INSTRUCTION_LONGEST];
    struct decoded decoded;
    struct registers before;

    /* With a count of 0 it would have been left behind. */
    if (!decoded_read_emulated(context, bytes,
                               decoded_fetch_code(context, rip, bytes, sizeof bytes), &decoded) ||
        !decoded_is_repeated(&decoded) || context->registers.rcx == 0 ||
        !try_at(context, rip, bytes, decoded.instruction.length, store, &before) ||
        !repeats_value(context, &decoded, &before, store))
        return false;
    *regs = before;
    return true;
}

static bool reads_as_call(const struct instruction_context *context, const uint8_t *bytes,
                          size_t count)
{
    struct decoded decoded;

    return decoded_read_emulated(context, bytes, count, &decoded) &&
           decoded.instruction.mnemonic == ZYDIS_MNEMONIC_CALL;
}

/* Finds the instruction that ends there: at rip, or where a call returns to, which has left its own
 * place and has pushed that address. */
static bool undo_ending_at(const struct instruction_context *context, uint64_t end, bool is_call,
                           const struct instruction_store *store, struct registers *regs)
{
    uint8_t code[SWEEP_BYTES];
    unsigned best = 0;
    bool found = false;

    /* What cannot be read further back does not matter: take what there is right before the end. */
    size_t count = sizeof code;
    while (count > 0 && decoded_fetch_code(context, end - count, code, count) != count)
        count--;
    for (size_t length = 1; length <= INSTRUCTION_LONGEST && length <= count; length++) {
        const uint8_t *bytes = code + count - length;
        struct registers before;
        if ((is_call && !reads_as_call(context, bytes, length)) ||
            !try_at(context, end - length, bytes, length, store, &before))
            continue;
        /* Where all readings are equal, the prefixes belong to it. */
        const unsigned support = votes(context, code, count, length);
        if (!found || support >= best) {
            best = support;
            *regs = before;
        }
        found = true;
    }
    return found;
}

bool instruction_undo_store(const struct instruction_context *context,
                            const struct instruction_store *store, struct registers *regs)
{
    return undo_round(context, store, regs) ||
           undo_ending_at(context, context->registers.rip, false, store, regs) ||
           undo_ending_at(context, store->value, true, store, regs);
}
