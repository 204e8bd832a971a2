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

static bool tests_bits(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_BT || mnemonic == ZYDIS_MNEMONIC_BTS ||
           mnemonic == ZYDIS_MNEMONIC_BTR || mnemonic == ZYDIS_MNEMONIC_BTC;
}

/* A bit's number in a register leads away from the operand, in steps of its size. */
static uint64_t to_bit(const struct decoded *decoded, const struct kvm_regs *regs)
{
    const ZydisDecodedOperand *number = &decoded->operands[1];
    const uint32_t bits = decoded->operands[0].size;
    int64_t value;

    if (!tests_bits(decoded->instruction.mnemonic) || number->type != ZYDIS_OPERAND_TYPE_REGISTER)
        return 0;
    value = (int64_t)decoded_register(regs, number->reg.value);
    if (bits == 32)
        value = (int32_t)value;
    else if (bits == 16)
        value = (int16_t)value;
    return (uint64_t)((value & -(int64_t)bits) / 8);
}

bool decoded_operand_address(const struct instruction_context *context,
                             const struct decoded *decoded, const ZydisDecodedOperand *operand,
                             const struct kvm_regs *regs, uint64_t rip, uint64_t *linear)
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

/* A search for accesses to a range of guest-physical addresses. */
struct search {
    const struct instruction_context *context;
    uint64_t low, high;
    struct instruction_accesses *found;
};

/* What [linear, linear + bytes) has of the range, a page at a time. */
static void look_at(const struct search *search, uint64_t linear, uint64_t bytes, bool write)
{
    struct instruction_accesses *found = search->found;

    for (uint64_t done = 0; done < bytes;) {
        const uint64_t at = linear + done;
        uint64_t gpa;
        if (!instruction_translate(search->context, at, &gpa))
            found->whole = false;
        else if (gpa >= search->low && gpa < search->high) {
            if (found->count == INSTRUCTION_ACCESSES_MOST) {
                found->whole = false;
                return;
            }
            found->access[found->count++] = (struct instruction_access){gpa, write};
        }
        done += HF_PAGE_SIZE - at % HF_PAGE_SIZE;
    }
}

/* Names an address and does not access it. */
static bool only_hints(const struct decoded *decoded)
{
    switch (decoded->instruction.meta.category) {
    case ZYDIS_CATEGORY_CLDEMOTE:
    case ZYDIS_CATEGORY_NOP:
    case ZYDIS_CATEGORY_PREFETCH:
    case ZYDIS_CATEGORY_PREFETCHWT1:
    case ZYDIS_CATEGORY_WIDENOP:
        return true;
    default:
        return false;
    }
}

/* A repeated string instruction that has nothing left to do. */
static bool is_through(const struct decoded *decoded, const struct kvm_regs *regs)
{
    const ZydisInstructionAttributes repeats =
        ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;
    const uint8_t width = decoded->instruction.address_width;

    return (decoded->instruction.attributes & repeats) != 0 &&
           (width == 64 ? regs->rcx : regs->rcx & ((1ull << width) - 1)) == 0;
}

/* Accesses as much as the guest has told it to, elsewhere. */
static bool has_unknown_size(const struct decoded *decoded)
{
    const ZydisInstructionCategory category = decoded->instruction.meta.category;

    return category == ZYDIS_CATEGORY_XSAVE || category == ZYDIS_CATEGORY_XSAVEOPT ||
           category == ZYDIS_CATEGORY_AMX_TILE;
}

static bool is_push(const ZydisDecodedOperand *operand)
{
    return operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
           operand->mem.base == ZYDIS_REGISTER_RSP &&
           (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
}

static void look_at_operand(const struct search *search, const struct decoded *decoded,
                            const ZydisDecodedOperand *operand)
{
    const struct instruction_context *context = search->context;
    const bool write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    const uint64_t bytes = operand->size / 8;
    uint64_t linear;

    if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY || operand->actions == 0)
        return;
    if (!decoded_operand_address(context, decoded, operand, context->regs, context->regs->rip,
                                 &linear)) {
        search->found->whole = false;
        return;
    }
    /* What is pushed goes below the stack pointer. */
    look_at(search, is_push(operand) ? linear - bytes : linear, bytes, write);
}

void instruction_find_accesses(const struct instruction_context *context, uint64_t low,
                               uint64_t high, struct instruction_accesses *accesses)
{
    const struct search search = {context, low, high, accesses};
    const uint64_t rip = context->regs->rip;
    uint8_t bytes[INSTRUCTION_LONGEST];
    struct decoded decoded;

    accesses->count = 0;
    accesses->whole = true;
    const size_t fetched = decoded_fetch_code(context, rip, bytes, sizeof bytes);
    const bool is_read = decoded_read(context, bytes, fetched, &decoded);
    /* Where it cannot be read, it may be for its next page. */
    look_at(&search, decoded_linear(context, ZYDIS_REGISTER_CS, rip),
            is_read ? decoded.instruction.length : fetched + 1, false);
    if (!is_read || has_unknown_size(&decoded))
        accesses->whole = false;
    if (is_read && (only_hints(&decoded) || is_through(&decoded, context->regs)))
        return;
    for (ZyanU8 i = 0; is_read && i < decoded.instruction.operand_count; i++)
        look_at_operand(&search, &decoded, &decoded.operands[i]);
}
