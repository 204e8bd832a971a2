/* SPDX-License-Identifier: MIT
 * General registers under the names that instructions use for them. */
#include "decoded.h"

#include <string.h>

static const struct {
    ZydisRegister name;
    size_t offset;
} places[] = {
    {ZYDIS_REGISTER_RAX, offsetof(struct kvm_regs, rax)},
    {ZYDIS_REGISTER_RBX, offsetof(struct kvm_regs, rbx)},
    {ZYDIS_REGISTER_RCX, offsetof(struct kvm_regs, rcx)},
    {ZYDIS_REGISTER_RDX, offsetof(struct kvm_regs, rdx)},
    {ZYDIS_REGISTER_RSI, offsetof(struct kvm_regs, rsi)},
    {ZYDIS_REGISTER_RDI, offsetof(struct kvm_regs, rdi)},
    {ZYDIS_REGISTER_RSP, offsetof(struct kvm_regs, rsp)},
    {ZYDIS_REGISTER_RBP, offsetof(struct kvm_regs, rbp)},
    {ZYDIS_REGISTER_R8, offsetof(struct kvm_regs, r8)},
    {ZYDIS_REGISTER_R9, offsetof(struct kvm_regs, r9)},
    {ZYDIS_REGISTER_R10, offsetof(struct kvm_regs, r10)},
    {ZYDIS_REGISTER_R11, offsetof(struct kvm_regs, r11)},
    {ZYDIS_REGISTER_R12, offsetof(struct kvm_regs, r12)},
    {ZYDIS_REGISTER_R13, offsetof(struct kvm_regs, r13)},
    {ZYDIS_REGISTER_R14, offsetof(struct kvm_regs, r14)},
    {ZYDIS_REGISTER_R15, offsetof(struct kvm_regs, r15)},
};
#define PLACES (sizeof places / sizeof places[0])

void decoded_register_values(const struct kvm_regs *regs, ZydisRegisterContext *values)
{
    memset(values, 0, sizeof *values);
    for (size_t i = 0; i < PLACES; i++) {
        uint64_t value;
        memcpy(&value, (const char *)regs + places[i].offset, sizeof value);
        /* Zydis looks a register up under the name that the instruction uses. */
        const ZyanU8 id = (ZyanU8)ZydisRegisterGetId(places[i].name);
        values->values[places[i].name] = value;
        values->values[ZydisRegisterEncode(ZYDIS_REGCLASS_GPR32, id)] = (uint32_t)value;
        values->values[ZydisRegisterEncode(ZYDIS_REGCLASS_GPR16, id)] = (uint16_t)value;
    }
}

/* Where the whole of a register stands in struct kvm_regs; -1: not there. */
static ptrdiff_t place_of(ZydisRegister name)
{
    const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);

    for (size_t i = 0; i < PLACES; i++)
        if (places[i].name == whole)
            return (ptrdiff_t)places[i].offset;
    return -1;
}

static bool is_second_byte(ZydisRegister name)
{
    return name == ZYDIS_REGISTER_AH || name == ZYDIS_REGISTER_BH || name == ZYDIS_REGISTER_CH ||
           name == ZYDIS_REGISTER_DH;
}

uint64_t decoded_register(const struct kvm_regs *regs, ZydisRegister name)
{
    const ptrdiff_t place = place_of(name);
    uint64_t value = 0;

    if (place >= 0)
        memcpy(&value, (const char *)regs + place, sizeof value);
    return is_second_byte(name) ? value >> 8 : value;
}

void decoded_set_register(struct kvm_regs *regs, ZydisRegister name, uint64_t value)
{
    const size_t bytes = ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, name) / 8;
    const ptrdiff_t place = place_of(name);

    if (place >= 0)
        memcpy((char *)regs + place + is_second_byte(name), &value, bytes);
}
