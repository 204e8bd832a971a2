/* SPDX-License-Identifier: MIT
 * What instructions touch that take addresses or sizes from the extended state: XSAVE and its like,
 * gathers and scatters. */
#include "decoded.h"

#include <string.h>

#define LEGACY_BYTES     576u /* with the header */
#define FIRST_EXTENDED   2u   /* component; those before are part of the legacy bytes */
#define AVX              2u
#define OPMASK           5u
#define ZMM_UPPER_HALVES 6u
#define ZMM_16_TO_31     7u
#define XMM_AT           160u
#define ALIGNMENT        64ull

static void read_state(const struct instruction_context *context, struct extended_state *state)
{
    context->source.extended_state(context->source.who, state);
}

uint64_t decoded_state_bytes(const struct instruction_context *context)
{
    uint64_t wanted = (context->registers.rdx << 32) | (uint32_t)context->registers.rax;
    uint64_t compacted = LEGACY_BYTES;
    uint64_t end = LEGACY_BYTES;
    struct extended_state state;

    read_state(context, &state);
    /* Components that the kernel's form has besides those of XCR0 may be asked for, too. */
    if (context->system.code_privilege == 3)
        wanted &= state.xcr0;
    for (uint32_t i = FIRST_EXTENDED; i < EXTENDED_COMPONENTS; i++) {
        const struct extended_component *component = &state.component[i];
        if ((wanted >> i & 1) == 0)
            continue;
        compacted += (component->bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (component->at != 0 && component->at + component->bytes > end)
            end = component->at + component->bytes;
    }
    return end > compacted ? end : compacted;
}

/* Copies a component's bytes; those of one that is not there are zero. */
static void copy_part(const struct extended_state *state, uint32_t component, uint32_t offset,
                      void *to, uint32_t bytes)
{
    const struct extended_component *from = &state->component[component];

    memset(to, 0, bytes);
    if (from->bytes >= offset + bytes && from->at + from->bytes <= sizeof state->area)
        memcpy(to, state->area + from->at + offset, bytes);
}

/* The lowest 64 bytes of a vector register, by its number. */
static void copy_vector(const struct extended_state *state, uint32_t number, uint8_t to[64])
{
    if (number >= 16) {
        copy_part(state, ZMM_16_TO_31, (number - 16) * 64, to, 64);
        return;
    }
    memcpy(to, state->area + XMM_AT + (size_t)number * 16, 16);
    copy_part(state, AVX, number * 16, to + 16, 16);
    copy_part(state, ZMM_UPPER_HALVES, number * 32, to + 32, 32);
}

static bool has_wide_offsets(ZydisMnemonic mnemonic)
{
    switch (mnemonic) {
    case ZYDIS_MNEMONIC_VGATHERQPD:
    case ZYDIS_MNEMONIC_VGATHERQPS:
    case ZYDIS_MNEMONIC_VPGATHERQD:
    case ZYDIS_MNEMONIC_VPGATHERQQ:
    case ZYDIS_MNEMONIC_VSCATTERQPD:
    case ZYDIS_MNEMONIC_VSCATTERQPS:
    case ZYDIS_MNEMONIC_VPSCATTERQD:
    case ZYDIS_MNEMONIC_VPSCATTERQQ:
        return true;
    default:
        return false;
    }
}

/* Which elements the mask selects. VEX: the sign of each in the third operand; EVEX: a bit each. */
static uint32_t selected_elements(const struct extended_state *state, const struct decoded *decoded,
                                  uint32_t bytes)
{
    const ZydisDecodedOperand *third = &decoded->operands[2];
    uint32_t selected = 0;
    uint8_t mask[64];

    if (decoded->instruction.encoding == ZYDIS_INSTRUCTION_ENCODING_EVEX) {
        const ZyanI8 id = ZydisRegisterGetId(decoded->instruction.avx.mask.reg);
        copy_part(state, OPMASK, (uint32_t)id * 8, &selected, sizeof selected);
        return selected;
    }
    copy_vector(state, (uint32_t)ZydisRegisterGetId(third->reg.value), mask);
    for (uint32_t i = 0; (size_t)(i + 1) * bytes <= sizeof mask; i++)
        selected |= (uint32_t)(mask[(i + 1) * bytes - 1] >> 7) << i;
    return selected;
}

/* How many elements an instruction has: as many as both registers can hold. */
static uint32_t count_elements(const struct decoded *decoded, const ZydisDecodedOperand *operand,
                               uint32_t offset_bits)
{
    const ZydisMachineMode mode = ZYDIS_MACHINE_MODE_LONG_64;
    const ZydisDecodedOperand *data = &decoded->operands[operand == &decoded->operands[0] ? 2 : 0];
    const uint32_t offsets = ZydisRegisterGetWidth(mode, operand->mem.index) / offset_bits;

    if (data->type != ZYDIS_OPERAND_TYPE_REGISTER ||
        ZydisRegisterGetClass(data->reg.value) == ZYDIS_REGCLASS_MASK)
        data = &decoded->operands[decoded->instruction.operand_count_visible - 1];
    if (data->type != ZYDIS_OPERAND_TYPE_REGISTER)
        return offsets;
    const uint32_t values = ZydisRegisterGetWidth(mode, data->reg.value) / operand->size;
    return offsets < values ? offsets : values;
}

uint32_t decoded_element_offsets(const struct instruction_context *context,
                                 const struct decoded *decoded, const ZydisDecodedOperand *operand,
                                 int64_t offsets[DECODED_ELEMENTS_MOST])
{
    const bool wide = has_wide_offsets(decoded->instruction.mnemonic);
    const uint32_t bytes = wide ? 8 : 4;
    struct extended_state state;
    uint8_t vector[64];
    uint32_t found = 0;

    if (operand->size == 0)
        return 0;
    read_state(context, &state);
    if (!state.is_known)
        return 0;
    copy_vector(&state, (uint32_t)ZydisRegisterGetId(operand->mem.index), vector);
    const uint32_t selected = selected_elements(&state, decoded, operand->size / 8);
    const uint32_t count = count_elements(decoded, operand, bytes * 8);
    for (uint32_t i = 0; i < count && found < DECODED_ELEMENTS_MOST; i++) {
        int64_t offset = 0;
        memcpy(&offset, vector + (size_t)i * bytes, bytes);
        if ((selected >> i & 1) != 0)
            offsets[found++] = wide ? offset : (int32_t)offset;
    }
    return found;
}
