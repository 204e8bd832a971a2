/* SPDX-License-Identifier: MIT
 * General registers under the names that instructions use for them. */
#include "decoded.h"

#include <string.h>

void decoded_register_values(const struct registers *regs, ZydisRegisterContext *values)
{
    memset(values, 0, sizeof *values);
    for (ZyanU8 id = 0; id < GENERAL_REGISTERS; id++) {
        const uint64_t value = regs->general[id];
        /* Zydis looks a register up under the name that the instruction uses. */
        values->values[ZydisRegisterEncode(ZYDIS_REGCLASS_GPR64, id)] = value;
        values->values[ZydisRegisterEncode(ZYDIS_REGCLASS_GPR32, id)] = (uint32_t)value;
        values->values[ZydisRegisterEncode(ZYDIS_REGCLASS_GPR16, id)] = (uint16_t)value;
    }
}

/* The number of the general register that this is, or is a part of; -1: of none. */
static int number_of(ZydisRegister name)
{
    const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);

    return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64 ? ZydisRegisterGetId(whole) : -1;
}

static bool is_second_byte(ZydisRegister name)
{
    return name == ZYDIS_REGISTER_AH || name == ZYDIS_REGISTER_BH || name == ZYDIS_REGISTER_CH ||
           name == ZYDIS_REGISTER_DH;
}

uint64_t decoded_register(const struct registers *regs, ZydisRegister name)
{
    const int number = number_of(name);
    const uint64_t value = number >= 0 ? regs->general[number] : 0;

    return is_second_byte(name) ? value >> 8 : value;
}

void decoded_set_register(struct registers *regs, ZydisRegister name, uint64_t value)
{
    const size_t bytes = ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, name) / 8;
    const int number = number_of(name);

    if (number >= 0)
        memcpy((char *)&regs->general[number] + is_second_byte(name), &value, bytes);
}
