/* SPDX-License-Identifier: MIT
 * Fetching and decoding one instruction, and the addresses of its operands. */
#include "decoded.h"

#include "holdfast/abi.h"

#include <string.h>

bool decoded_translate(const struct instruction_context *context, uint64_t linear, uint64_t *gpa)
{
    return context->source.translate(context->source.who, linear, gpa) ||
           decoded_walk_to(context, linear, gpa);
}

size_t decoded_fetch(const struct instruction_context *context, uint64_t linear, uint8_t *bytes,
                     size_t count)
{
    size_t done = 0;

    while (done < count) {
        const uint64_t in_page = HF_PAGE_SIZE - (linear + done) % HF_PAGE_SIZE;
        const size_t part = count - done < in_page ? count - done : in_page;
        uint64_t gpa;
        if (!decoded_translate(context, linear + done, &gpa) ||
            !context->source.read(context->source.who, gpa, bytes + done, part))
            break;
        done += part;
    }
    return done;
}

static bool in_64_bit_mode(const struct instruction_context *context)
{
    return (context->system.efer & EFER_LMA) != 0 && context->system.code_is_long;
}

uint64_t decoded_linear(const struct instruction_context *context, ZydisRegister segment,
                        uint64_t offset)
{
    const struct system_registers *system = &context->system;
    const bool long_mode = in_64_bit_mode(context);
    uint64_t base = 0;

    switch (segment) {
    case ZYDIS_REGISTER_FS:
        base = system->fs_base;
        break;
    case ZYDIS_REGISTER_GS:
        base = system->gs_base;
        break;
    case ZYDIS_REGISTER_CS:
        base = long_mode ? 0 : system->cs_base;
        break;
    case ZYDIS_REGISTER_SS:
        base = long_mode ? 0 : system->ss_base;
        break;
    case ZYDIS_REGISTER_ES:
        base = long_mode ? 0 : system->es_base;
        break;
    default:
        base = long_mode ? 0 : system->ds_base;
        break;
    }
    return long_mode ? base + offset : (uint32_t)(base + offset);
}

size_t decoded_fetch_code(const struct instruction_context *context, uint64_t rip, uint8_t *bytes,
                          size_t count)
{
    return decoded_fetch(context, decoded_linear(context, ZYDIS_REGISTER_CS, rip), bytes, count);
}

bool decoded_read(const struct instruction_context *context, const uint8_t *bytes, size_t count,
                  struct decoded *decoded)
{
    ZydisDecoder decoder;
    ZyanStatus status;

    if (in_64_bit_mode(context))
        status = ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    else if (context->system.code_is_32_bit)
        status =
            ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32);
    else
        status =
            ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_16, ZYDIS_STACK_WIDTH_16);
    return ZYAN_SUCCESS(status) &&
           ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, &decoded->instruction,
                                               decoded->operands));
}

/* Copies the instruction without these prefixes, which all stand at its beginning. */
static size_t copy_without_prefixes(const uint8_t *bytes, size_t count, uint8_t *to)
{
    size_t at = 0;
    size_t left = 0;

    for (bool prefix = true; prefix && at < count; at += prefix)
        switch (bytes[at]) {
        case 0x66:
        case 0xf2:
        case 0xf3:
            break;
        case 0x26:
        case 0x2e:
        case 0x36:
        case 0x3e:
        case 0x64:
        case 0x65:
        case 0x67:
        case 0xf0:
            to[left++] = bytes[at];
            break;
        default:
            prefix = false;
        }
    memcpy(to + left, bytes + at, count - at);
    return left + count - at;
}

bool decoded_read_emulated(const struct instruction_context *context, const uint8_t *bytes,
                           size_t count, struct decoded *decoded)
{
    const size_t most = count < INSTRUCTION_LONGEST ? count : INSTRUCTION_LONGEST;
    uint8_t rest[INSTRUCTION_LONGEST];

    if (decoded_read(context, bytes, count, decoded))
        return true;
    const size_t left = copy_without_prefixes(bytes, most, rest);
    if (left == most || left == 0 || !decoded_read(context, rest, left, decoded))
        return false;
    decoded->instruction.length = (ZyanU8)(decoded->instruction.length + most - left);
    return true;
}

uint64_t decoded_cut(uint64_t value, uint32_t bits)
{
    return bits < 64 ? value & ((1ull << bits) - 1) : value;
}

uint32_t decoded_stack_bits(const struct instruction_context *context)
{
    if (in_64_bit_mode(context))
        return 64;
    return context->system.stack_is_32_bit ? 32 : 16;
}

static bool tests_bits(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_BT || mnemonic == ZYDIS_MNEMONIC_BTS ||
           mnemonic == ZYDIS_MNEMONIC_BTR || mnemonic == ZYDIS_MNEMONIC_BTC;
}

/* A bit's number in a register leads away from the operand, in steps of its size. */
static uint64_t to_bit(const struct decoded *decoded, const struct registers *regs)
{
    const ZydisDecodedOperand *number = &decoded->operands[1];
    const uint32_t bits = decoded->operands[0].size;

    if (!tests_bits(decoded->instruction.mnemonic) || number->type != ZYDIS_OPERAND_TYPE_REGISTER)
        return 0;
    int64_t value = (int64_t)decoded_register(regs, number->reg.value);
    if (bits == 32)
        value = (int32_t)value;
    else if (bits == 16)
        value = (int16_t)value;
    return (uint64_t)((value & -(int64_t)bits) / 8);
}

bool decoded_operand_address(const struct instruction_context *context,
                             const struct decoded *decoded, const ZydisDecodedOperand *operand,
                             const struct registers *regs, uint64_t rip, uint64_t *linear)
{
    ZydisRegisterContext values;
    ZyanU64 address;

    decoded_register_values(regs, &values);
    if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY ||
        !ZYAN_SUCCESS(
            ZydisCalcAbsoluteAddressEx(&decoded->instruction, operand, rip, &values, &address)))
        return false;
    *linear = decoded_linear(context, operand->mem.segment, address + to_bit(decoded, regs));
    return true;
}
