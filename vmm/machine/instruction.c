/* SPDX-License-Identifier: MIT */
#include "decoded.h"

#include "holdfast/abi.h"
#include "vmm/memory/memory.h"

#include <string.h>
#include <sys/ioctl.h>

bool instruction_translate(const struct instruction_context *context, uint64_t linear,
                           uint64_t *gpa)
{
    struct kvm_translation translation = {.linear_address = linear};

    if (ioctl(context->vcpu_fd, KVM_TRANSLATE, &translation) < 0 || translation.valid == 0)
        return false;
    *gpa = translation.physical_address;
    return true;
}

size_t decoded_fetch(const struct instruction_context *context, uint64_t linear, uint8_t *bytes,
                     size_t count)
{
    size_t done = 0;

    while (done < count) {
        const uint64_t in_page = HF_PAGE_SIZE - (linear + done) % HF_PAGE_SIZE;
        const size_t part = count - done < in_page ? count - done : in_page;
        uint64_t gpa;
        if (!instruction_translate(context, linear + done, &gpa) ||
            !memory_read(context->memory, gpa, bytes + done, part))
            break;
        done += part;
    }
    return done;
}

static bool in_64_bit_mode(const struct instruction_context *context)
{
    return (context->sregs->efer & 0x400) != 0 && context->sregs->cs.l != 0;
}

uint64_t decoded_linear(const struct instruction_context *context, ZydisRegister segment,
                        uint64_t offset)
{
    const struct kvm_sregs *sregs = context->sregs;
    const bool long_mode = in_64_bit_mode(context);
    uint64_t base = 0;

    switch (segment) {
    case ZYDIS_REGISTER_FS:
        base = sregs->fs.base;
        break;
    case ZYDIS_REGISTER_GS:
        base = sregs->gs.base;
        break;
    case ZYDIS_REGISTER_CS:
        base = long_mode ? 0 : sregs->cs.base;
        break;
    case ZYDIS_REGISTER_SS:
        base = long_mode ? 0 : sregs->ss.base;
        break;
    case ZYDIS_REGISTER_ES:
        base = long_mode ? 0 : sregs->es.base;
        break;
    default:
        base = long_mode ? 0 : sregs->ds.base;
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
    const struct kvm_segment *code = &context->sregs->cs;
    ZydisDecoder decoder;
    ZyanStatus status;

    if (in_64_bit_mode(context))
        status = ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    else if (code->db != 0)
        status =
            ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32);
    else
        status =
            ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_16, ZYDIS_STACK_WIDTH_16);
    return ZYAN_SUCCESS(status) &&
           ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, &decoded->instruction,
                                               decoded->operands));
}

static void register_values(const struct kvm_regs *regs, ZydisRegisterContext *values)
{
    static const struct {
        ZydisRegister name;
        size_t offset;
    } map[] = {
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

    memset(values, 0, sizeof *values);
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) {
        uint64_t value;
        memcpy(&value, (const char *)regs + map[i].offset, sizeof value);
        /* Zydis looks a register up under the name that the instruction uses. */
        const ZyanU8 id = (ZyanU8)ZydisRegisterGetId(map[i].name);
        values->values[map[i].name] = value;
        values->values[ZydisRegisterEncode(ZYDIS_REGCLASS_GPR32, id)] = (uint32_t)value;
        values->values[ZydisRegisterEncode(ZYDIS_REGCLASS_GPR16, id)] = (uint16_t)value;
    }
}

bool decoded_operand_address(const struct instruction_context *context,
                             const struct decoded *decoded, const ZydisDecodedOperand *operand,
                             const struct kvm_regs *regs, uint64_t rip, uint64_t *linear)
{
    ZydisRegisterContext values;
    ZyanU64 address;

    register_values(regs, &values);
    if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY ||
        !ZYAN_SUCCESS(
            ZydisCalcAbsoluteAddressEx(&decoded->instruction, operand, rip, &values, &address)))
        return false;
    *linear = decoded_linear(context, operand->mem.segment, address);
    return true;
}

/* The first byte of [linear, linear + bytes) whose guest-physical address is in [low, high). */
static bool reaches(const struct instruction_context *context, uint64_t linear, uint64_t bytes,
                    uint64_t low, uint64_t high, uint64_t *gpa)
{
    const uint64_t to_next_page = HF_PAGE_SIZE - linear % HF_PAGE_SIZE;

    if (instruction_translate(context, linear, gpa) && *gpa >= low && *gpa < high)
        return true;
    return bytes > to_next_page && instruction_translate(context, linear + to_next_page, gpa) &&
           *gpa >= low && *gpa < high;
}

bool instruction_access(const struct instruction_context *context, uint64_t low, uint64_t high,
                        struct instruction_access *access)
{
    const uint64_t rip = context->regs->rip;
    uint8_t bytes[INSTRUCTION_LONGEST];
    struct decoded decoded;

    access->write = false;
    if (reaches(context, decoded_linear(context, ZYDIS_REGISTER_CS, rip), 1, low, high,
                &access->gpa))
        return true;
    if (!decoded_read(context, bytes, decoded_fetch_code(context, rip, bytes, sizeof bytes),
                      &decoded))
        return false;
    for (ZyanU8 i = 0; i < decoded.instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded.operands[i];
        uint64_t linear;
        if (decoded_operand_address(context, &decoded, operand, context->regs, rip, &linear) &&
            operand->actions != 0 &&
            reaches(context, linear, operand->size / 8, low, high, &access->gpa)) {
            access->write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
            return true;
        }
    }
    return false;
}
