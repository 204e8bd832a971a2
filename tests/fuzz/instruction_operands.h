/* SPDX-License-Identifier: MIT
 * Where an operand that an instruction names lies, computed once more and plainly: an oracle for
 * the lists of accesses. */
#ifndef HOLDFAST_FUZZ_INSTRUCTION_OPERANDS_H
#define HOLDFAST_FUZZ_INSTRUCTION_OPERANDS_H

#include "vmm/instructions/decoded.h"

static inline uint64_t plain_register(const struct instruction_context *context, ZydisRegister name)
{
    const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);

    if (name == ZYDIS_REGISTER_NONE)
        return 0;
    return decoded_cut(context->registers.general[ZydisRegisterGetId(whole)],
                       ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, name));
}

static inline uint64_t plain_segment(const struct instruction_context *context, ZydisRegister name)
{
    const struct system_registers *system = &context->system;

    switch (name) {
    case ZYDIS_REGISTER_FS:
        return system->fs_base;
    case ZYDIS_REGISTER_GS:
        return system->gs_base;
    case ZYDIS_REGISTER_CS:
        return system->cs_base;
    case ZYDIS_REGISTER_ES:
        return system->es_base;
    case ZYDIS_REGISTER_SS:
        return system->ss_base;
    default:
        return system->ds_base;
    }
}

static inline uint64_t plain_address(const struct instruction_context *context,
                                     const struct decoded *decoded,
                                     const ZydisDecodedOperand *operand)
{
    const bool wide = decoded->instruction.machine_mode == ZYDIS_MACHINE_MODE_LONG_64;
    const bool by_rip =
        operand->mem.base == ZYDIS_REGISTER_RIP || operand->mem.base == ZYDIS_REGISTER_EIP;
    const uint64_t base = by_rip ? context->registers.rip + decoded->instruction.length
                                 : plain_register(context, operand->mem.base);
    const uint64_t offset =
        decoded_cut(base + plain_register(context, operand->mem.index) * operand->mem.scale +
                        (uint64_t)operand->mem.disp.value,
                    decoded->instruction.address_width);
    const bool has_base = !wide || operand->mem.segment == ZYDIS_REGISTER_FS ||
                          operand->mem.segment == ZYDIS_REGISTER_GS;

    return decoded_cut(offset + (has_base ? plain_segment(context, operand->mem.segment) : 0),
                       wide ? 64 : 32);
}

/* Those whose address is more than what is written down, and those that touch none. */
static inline bool is_plain_operand(const struct decoded *decoded,
                                    const ZydisDecodedOperand *operand)
{
    static const ZydisMnemonic more[] = {ZYDIS_MNEMONIC_BT,  ZYDIS_MNEMONIC_BTC,
                                         ZYDIS_MNEMONIC_BTR, ZYDIS_MNEMONIC_BTS,
                                         ZYDIS_MNEMONIC_POP, ZYDIS_MNEMONIC_XLAT};
    const ZydisInstructionCategory category = decoded->instruction.meta.category;

    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        if (decoded->instruction.mnemonic == more[i])
            return false;
    return operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
           operand->mem.type == ZYDIS_MEMOP_TYPE_MEM && operand->size > 0 &&
           operand->visibility == ZYDIS_OPERAND_VISIBILITY_EXPLICIT && operand->actions != 0 &&
           category != ZYDIS_CATEGORY_NOP && category != ZYDIS_CATEGORY_WIDENOP &&
           category != ZYDIS_CATEGORY_PREFETCH && category != ZYDIS_CATEGORY_PREFETCHWT1 &&
           category != ZYDIS_CATEGORY_CLDEMOTE;
}

#endif
