/* SPDX-License-Identifier: MIT */
#include "instruction.h"

#include "holdfast/abi.h"
#include "vmm/memory/memory.h"

#include <Zydis/Zydis.h>
#include <string.h>
#include <sys/ioctl.h>

#define LONGEST       ZYDIS_MAX_INSTRUCTION_LENGTH
#define SWEEP_BYTES   64u /* how far back linear decoding starts when several readings fit */
#define DIRECTION_BIT (1ull << 10)

struct decoded {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

bool instruction_translate(const struct instruction_context *context, uint64_t linear,
                           uint64_t *gpa)
{
    struct kvm_translation translation = {.linear_address = linear};

    if (ioctl(context->vcpu_fd, KVM_TRANSLATE, &translation) < 0 || translation.valid == 0)
        return false;
    *gpa = translation.physical_address;
    return true;
}

/* Copies code from RAM; returns how many bytes could be had. */
static size_t fetch(const struct instruction_context *context, uint64_t linear, uint8_t *bytes,
                    size_t count)
{
    size_t done = 0;

    while (done < count) {
        const uint64_t in_page = HF_PAGE_SIZE - (linear + done) % HF_PAGE_SIZE;
        const size_t part = count - done < in_page ? count - done : in_page;
        uint64_t gpa;
        const void *ram = NULL;
        if (instruction_translate(context, linear + done, &gpa))
            ram = memory_ram_at(context->memory, gpa, part);
        if (ram == NULL)
            break;
        memcpy(bytes + done, ram, part);
        done += part;
    }
    return done;
}

static bool decode(const struct instruction_context *context, const uint8_t *bytes, size_t count,
                   struct decoded *decoded)
{
    const struct kvm_segment *code = &context->sregs->cs;
    ZydisDecoder decoder;
    ZyanStatus status;

    if ((context->sregs->efer & 0x400) != 0 && code->l != 0)
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

/* The linear address of a memory operand of an instruction at rip. */
static bool operand_address(const struct instruction_context *context,
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
    if (operand->mem.segment == ZYDIS_REGISTER_FS)
        address += context->sregs->fs.base;
    else if (operand->mem.segment == ZYDIS_REGISTER_GS)
        address += context->sregs->gs.base;
    *linear = address;
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
    uint8_t bytes[LONGEST];
    struct decoded decoded;

    access->write = false;
    if (reaches(context, rip, 1, low, high, &access->gpa))
        return true;
    if (!decode(context, bytes, fetch(context, rip, bytes, sizeof bytes), &decoded))
        return false;
    for (ZyanU8 i = 0; i < decoded.instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded.operands[i];
        uint64_t linear;
        if (operand_address(context, &decoded, operand, context->regs, rip, &linear) &&
            operand->actions != 0 &&
            reaches(context, linear, operand->size / 8, low, high, &access->gpa)) {
            access->write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
            return true;
        }
    }
    return false;
}

/* Takes back what an instruction has done to the registers besides moving rip. */
static void step_back(const struct decoded *decoded, bool repeated, struct kvm_regs *regs)
{
    const ZydisDecodedInstruction *instruction = &decoded->instruction;
    const uint64_t bytes = instruction->operand_width / 8;
    const uint64_t step = (regs->rflags & DIRECTION_BIT) != 0 ? 0 - bytes : bytes;

    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_PUSH:
    case ZYDIS_MNEMONIC_PUSHFQ:
    case ZYDIS_MNEMONIC_CALL:
        regs->rsp += bytes;
        return;
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_MOVSD:
    case ZYDIS_MNEMONIC_MOVSQ:
        regs->rsi -= step;
        break;
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
        break;
    default:
        return;
    }
    regs->rdi -= step;
    if (repeated)
        regs->rcx++;
}

static bool is_repeated(const struct decoded *decoded)
{
    return (decoded->instruction.attributes & ZYDIS_ATTRIB_HAS_REP) != 0;
}

/* Whether the instruction at rip, run with the registers before, stores to gpa. */
static bool stores_to(const struct instruction_context *context, const struct decoded *decoded,
                      const struct kvm_regs *before, uint64_t rip, uint64_t gpa)
{
    for (ZyanU8 i = 0; i < decoded->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded->operands[i];
        uint64_t linear;
        uint64_t found;
        if ((operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0 ||
            !operand_address(context, decoded, operand, before, rip, &linear))
            continue;
        if (decoded->instruction.mnemonic == ZYDIS_MNEMONIC_PUSH ||
            decoded->instruction.mnemonic == ZYDIS_MNEMONIC_PUSHFQ ||
            decoded->instruction.mnemonic == ZYDIS_MNEMONIC_CALL)
            linear = before->rsp - operand->size / 8;
        const uint64_t delta = (gpa - linear) % HF_PAGE_SIZE;
        if (delta < operand->size / 8u && instruction_translate(context, linear + delta, &found) &&
            found == gpa)
            return true;
    }
    return false;
}

/* Tries the bytes at rip as the instruction that made the store; sets regs back if it is. */
static bool try_at(const struct instruction_context *context, uint64_t rip, const uint8_t *bytes,
                   size_t length, uint64_t gpa, struct kvm_regs *regs)
{
    struct decoded decoded;
    struct kvm_regs before = *context->regs;

    if (!decode(context, bytes, length, &decoded) || decoded.instruction.length != length)
        return false;
    step_back(&decoded, is_repeated(&decoded), &before);
    if (!stores_to(context, &decoded, &before, rip, gpa))
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

    for (size_t start = 0; start + 2 * (size_t)LONGEST < count; start++) {
        size_t at = start;
        while (at < count - length && decode(context, code + at, count - at, &decoded))
            at += decoded.instruction.length;
        if (at == count - length)
            for_it++;
    }
    return for_it;
}

/* A repeated string instruction is left between two rounds, with rip still on it. */
static bool undo_round(const struct instruction_context *context, uint64_t gpa,
                       struct kvm_regs *regs)
{
    const uint64_t rip = context->regs->rip;
    uint8_t bytes[LONGEST];
    struct decoded decoded;

    return decode(context, bytes, fetch(context, rip, bytes, sizeof bytes), &decoded) &&
           is_repeated(&decoded) &&
           try_at(context, rip, bytes, decoded.instruction.length, gpa, regs);
}

/* A call has left its own place; the return address that it pushed tells where it ended. */
static bool undo_call(const struct instruction_context *context, uint64_t gpa, uint64_t pushed,
                      struct kvm_regs *regs)
{
    uint8_t bytes[7];
    struct decoded decoded;

    for (size_t length = 2; length <= sizeof bytes; length++) {
        const uint64_t rip = pushed - length;
        if (fetch(context, rip, bytes, length) == length &&
            decode(context, bytes, length, &decoded) &&
            decoded.instruction.mnemonic == ZYDIS_MNEMONIC_CALL &&
            try_at(context, rip, bytes, length, gpa, regs))
            return true;
    }
    return false;
}

bool instruction_undo_store(const struct instruction_context *context, uint64_t gpa,
                            uint64_t stored, struct kvm_regs *regs)
{
    const uint64_t rip = context->regs->rip;
    uint8_t code[SWEEP_BYTES];
    unsigned best = 0;
    bool found = false;

    if (undo_round(context, gpa, regs))
        return true;
    /* What cannot be read further back does not matter: take what there is right before rip. */
    size_t count = sizeof code;
    while (count > 0 && fetch(context, rip - count, code, count) != count)
        count--;
    for (size_t length = 1; length <= LONGEST && length <= count; length++) {
        struct kvm_regs before;
        if (!try_at(context, rip - length, code + count - length, length, gpa, &before))
            continue;
        const unsigned support = votes(context, code, count, length) + 1;
        if (support > best) {
            best = support;
            *regs = before;
        }
        found = true;
    }
    return found || undo_call(context, gpa, stored, regs);
}
