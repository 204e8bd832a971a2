/* SPDX-License-Identifier: MIT
 * What an instruction touches. Zydis tells the operands; not told, or told otherwise than a
 * processor does it, are accesses beside them, and stacks. Where it is not certain that all has
 * been found, the list says that it is not whole. */
#include "decoded.h"
#include "search.h"

#define CR4_SHADOW_STACKS (1u << 23)
#define TILE_ROW_BYTES    64u

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
static bool is_through(const struct decoded *decoded, const struct registers *regs)
{
    const ZydisInstructionAttributes repeats =
        ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE;

    return (decoded->instruction.attributes & repeats) != 0 &&
           decoded_cut(regs->rcx, decoded->instruction.address_width) == 0;
}

/* Categories in which the operands that Zydis tells are all that an instruction touches. A category
 * that is not known here is not among them. */
static bool is_plain_category(ZydisInstructionCategory category)
{
    switch (category) {
    case ZYDIS_CATEGORY_ADOX_ADCX:
    case ZYDIS_CATEGORY_AES:
    case ZYDIS_CATEGORY_AMD3DNOW:
    case ZYDIS_CATEGORY_AVX:
    case ZYDIS_CATEGORY_AVX2:
    case ZYDIS_CATEGORY_AVX512:
    case ZYDIS_CATEGORY_BINARY:
    case ZYDIS_CATEGORY_BITBYTE:
    case ZYDIS_CATEGORY_BLEND:
    case ZYDIS_CATEGORY_BMI1:
    case ZYDIS_CATEGORY_BMI2:
    case ZYDIS_CATEGORY_BROADCAST:
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_CLFLUSHOPT:
    case ZYDIS_CATEGORY_CLWB:
    case ZYDIS_CATEGORY_CLZERO:
    case ZYDIS_CATEGORY_CMOV:
    case ZYDIS_CATEGORY_CONFLICT:
    case ZYDIS_CATEGORY_CONVERT:
    case ZYDIS_CATEGORY_DATAXFER:
    case ZYDIS_CATEGORY_DECIMAL:
    case ZYDIS_CATEGORY_FCMOV:
    case ZYDIS_CATEGORY_FLAGOP:
    case ZYDIS_CATEGORY_FMA4:
    case ZYDIS_CATEGORY_GFNI:
    case ZYDIS_CATEGORY_IFMA:
    case ZYDIS_CATEGORY_LOGICAL:
    case ZYDIS_CATEGORY_LOGICAL_FP:
    case ZYDIS_CATEGORY_LZCNT:
    case ZYDIS_CATEGORY_MISC:
    case ZYDIS_CATEGORY_MMX:
    case ZYDIS_CATEGORY_MOVDIR:
    case ZYDIS_CATEGORY_PCLMULQDQ:
    case ZYDIS_CATEGORY_POP:
    case ZYDIS_CATEGORY_PUSH:
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_ROTATE:
    case ZYDIS_CATEGORY_SEMAPHORE:
    case ZYDIS_CATEGORY_SETCC:
    case ZYDIS_CATEGORY_SHA:
    case ZYDIS_CATEGORY_SHIFT:
    case ZYDIS_CATEGORY_SSE:
    case ZYDIS_CATEGORY_STRINGOP:
    case ZYDIS_CATEGORY_STTNI:
    case ZYDIS_CATEGORY_TBM:
    case ZYDIS_CATEGORY_UNCOND_BR:
    case ZYDIS_CATEGORY_VAES:
    case ZYDIS_CATEGORY_VFMA:
    case ZYDIS_CATEGORY_VPCLMULQDQ:
    case ZYDIS_CATEGORY_X87_ALU:
        return true;
    default:
        return false;
    }
}

/* Goes by a descriptor table, and perhaps to another stack. */
static bool leaves_segment(const struct decoded *decoded)
{
    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_IRET:
    case ZYDIS_MNEMONIC_IRETD:
    case ZYDIS_MNEMONIC_IRETQ:
        return true;
    default:
        return decoded->instruction.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR;
    }
}

static bool loads_segment(const struct decoded *decoded)
{
    for (ZyanU8 i = 0; i < decoded->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded->operands[i];
        if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetClass(operand->reg.value) == ZYDIS_REGCLASS_SEGMENT &&
            (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0)
            return true;
    }
    return false;
}

static bool is_plain(const struct decoded *decoded)
{
    return is_plain_category(decoded->instruction.meta.category) && !leaves_segment(decoded);
}

/* Elements that the mask leaves out are not accessed. */
static bool is_masked(const struct decoded *decoded)
{
    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_MASKMOVDQU:
    case ZYDIS_MNEMONIC_MASKMOVQ:
    case ZYDIS_MNEMONIC_VMASKMOVDQU:
    case ZYDIS_MNEMONIC_VMASKMOVPD:
    case ZYDIS_MNEMONIC_VMASKMOVPS:
    case ZYDIS_MNEMONIC_VPMASKMOVD:
    case ZYDIS_MNEMONIC_VPMASKMOVQ:
        return true;
    default:
        return decoded->instruction.avx.mask.reg != ZYDIS_REGISTER_NONE &&
               decoded->instruction.avx.mask.reg != ZYDIS_REGISTER_K0;
    }
}

static bool is_state(const struct decoded *decoded)
{
    return decoded->instruction.meta.category == ZYDIS_CATEGORY_XSAVE ||
           decoded->instruction.meta.category == ZYDIS_CATEGORY_XSAVEOPT;
}

static ZydisRegister whole_register(ZydisRegister name)
{
    return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);
}

/* An access to the stack that no part of the instruction's bytes names. */
static bool is_on_stack(const ZydisDecodedOperand *operand)
{
    const ZydisRegister base = whole_register(operand->mem.base);

    return operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
           (base == ZYDIS_REGISTER_RSP || base == ZYDIS_REGISTER_RBP);
}

/* The prefix for another address width does not reach the stack pointer. */
static uint64_t stack_at(const struct search *search, ZydisRegister base, uint64_t below)
{
    const struct instruction_context *context = search->context;
    const uint64_t pointer = decoded_register(&context->registers, whole_register(base));

    return decoded_linear(context, ZYDIS_REGISTER_SS,
                          decoded_cut(pointer - below, decoded_stack_bits(context)));
}

static void add_on_stack(const struct search *search, const ZydisDecodedOperand *operand,
                         enum certainty certainty)
{
    const uint64_t bytes = operand->size / 8;
    const bool write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;

    search_add(search, stack_at(search, operand->mem.base, write ? bytes : 0), bytes, write,
               certainty);
}

/* ENTER copies level - 1 frame pointers, pushes its own, and looks whether the new top of the stack
 * can be written. */
static void add_enter(const struct search *search, const struct decoded *decoded)
{
    const uint64_t bytes = decoded->instruction.operand_width / 8;
    const uint64_t locals = decoded->operands[0].imm.value.u;
    const uint64_t level = decoded->operands[1].imm.value.u % 32;
    const uint64_t pushed = bytes * (level + 1);

    search_add(search, stack_at(search, ZYDIS_REGISTER_RSP, pushed), pushed, true, ACCESS_CERTAIN);
    if (level > 1)
        search_add(search, stack_at(search, ZYDIS_REGISTER_RBP, bytes * (level - 1)),
                   bytes * (level - 1), false, ACCESS_CERTAIN);
    search_add(search, stack_at(search, ZYDIS_REGISTER_RSP, pushed + locals), bytes, true,
               ACCESS_POSSIBLE);
}

/* A linear address in the segment that data operands of the instruction have. */
static uint64_t data_at(const struct search *search, const struct decoded *decoded, uint64_t offset)
{
    const ZydisInstructionAttributes attributes = decoded->instruction.attributes;
    ZydisRegister segment = ZYDIS_REGISTER_DS;

    if ((attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS) != 0)
        segment = ZYDIS_REGISTER_FS;
    else if ((attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS) != 0)
        segment = ZYDIS_REGISTER_GS;
    else if ((attributes & ZYDIS_ATTRIB_HAS_SEGMENT_ES) != 0)
        segment = ZYDIS_REGISTER_ES;
    else if ((attributes & ZYDIS_ATTRIB_HAS_SEGMENT_CS) != 0)
        segment = ZYDIS_REGISTER_CS;
    else if ((attributes & ZYDIS_ATTRIB_HAS_SEGMENT_SS) != 0)
        segment = ZYDIS_REGISTER_SS;
    return decoded_linear(search->context, segment,
                          decoded_cut(offset, decoded->instruction.address_width));
}

/* Accesses that are no operands to Zydis, or are told without a part of their address. true: the
 * operands are not to be looked at. */
static bool add_beside_operands(const struct search *search, const struct decoded *decoded)
{
    const struct registers *regs = &search->context->registers;

    switch (decoded->instruction.mnemonic) {
    case ZYDIS_MNEMONIC_ENTER:
        add_enter(search, decoded);
        return true;
    case ZYDIS_MNEMONIC_XLAT:
        search_add(search, data_at(search, decoded, regs->rbx + (regs->rax & 0xff)), 1, false,
                   ACCESS_CERTAIN);
        return true;
    case ZYDIS_MNEMONIC_CLZERO:
        search_add(search, data_at(search, decoded, regs->rax) & ~63ull, 64, true, ACCESS_CERTAIN);
        return true;
    case ZYDIS_MNEMONIC_MONITOR:
    case ZYDIS_MNEMONIC_MONITORX:
        search_add(search, data_at(search, decoded, regs->rax), 1, false, ACCESS_CERTAIN);
        return true;
    case ZYDIS_MNEMONIC_ENQCMD:
    case ZYDIS_MNEMONIC_ENQCMDS:
        search_add(
            search,
            decoded_linear(search->context, ZYDIS_REGISTER_ES,
                           decoded_cut(decoded_register(regs, decoded->operands[0].reg.value),
                                       decoded->instruction.address_width)),
            64, true, ACCESS_POSSIBLE);
        return false;
    default:
        return false;
    }
}

static void add_elements(const struct search *search, const struct decoded *decoded,
                         const ZydisDecodedOperand *operand, bool write)
{
    const struct instruction_context *context = search->context;
    ZydisDecodedOperand base = *operand;
    int64_t offsets[DECODED_ELEMENTS_MOST];
    uint64_t linear;

    /* The address without its vector. */
    base.mem.type = ZYDIS_MEMOP_TYPE_MEM;
    base.mem.index = ZYDIS_REGISTER_NONE;
    base.mem.scale = 0;
    search->found->whole = false;
    const uint32_t count = decoded_element_offsets(context, decoded, operand, offsets);
    if (!decoded_operand_address(context, decoded, &base, &context->registers,
                                 context->registers.rip, &linear))
        return;
    for (uint32_t i = 0; i < count; i++)
        search_add(search, linear + (uint64_t)offsets[i] * operand->mem.scale, operand->size / 8,
                   write, ACCESS_POSSIBLE);
}

/* POP moves the stack pointer before it takes an address from there. */
static struct registers addressing_registers(const struct search *search,
                                             const struct decoded *decoded)
{
    struct registers regs = search->context->registers;

    if (decoded->instruction.mnemonic == ZYDIS_MNEMONIC_POP)
        regs.rsp += decoded->instruction.operand_width / 8;
    return regs;
}

static enum certainty certainty_of(const struct decoded *decoded,
                                   const ZydisDecodedOperand *operand)
{
    const bool always =
        (operand->actions & (ZYDIS_OPERAND_ACTION_READ | ZYDIS_OPERAND_ACTION_WRITE)) != 0 ||
        decoded->instruction.meta.category == ZYDIS_CATEGORY_STRINGOP;

    /* XSAVE always has its first part. */
    return (is_plain(decoded) || is_state(decoded)) && always && !is_masked(decoded)
               ? ACCESS_CERTAIN
               : ACCESS_POSSIBLE;
}

static void add_operand(const struct search *search, const struct decoded *decoded,
                        const ZydisDecodedOperand *operand)
{
    const struct instruction_context *context = search->context;
    const bool write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    const enum certainty certainty = certainty_of(decoded, operand);
    const struct registers regs = addressing_registers(search, decoded);
    const uint64_t bytes = operand->size / 8;
    uint64_t linear;

    if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY || operand->actions == 0)
        return;
    if (operand->mem.type == ZYDIS_MEMOP_TYPE_VSIB)
        add_elements(search, decoded, operand, write);
    else if (is_on_stack(operand))
        add_on_stack(search, operand, certainty);
    else if (!decoded_operand_address(context, decoded, operand, &regs, regs.rip, &linear))
        search->found->whole = false;
    else if (bytes == 0)
        search_add(search, linear, TILE_ROW_BYTES, write, ACCESS_POSSIBLE);
    else {
        search_add(search, linear, bytes, write, certainty);
        if (is_state(decoded))
            search_add(search, linear + bytes, decoded_state_bytes(context) - bytes, write,
                       ACCESS_POSSIBLE);
    }
}

static void add_operands(const struct search *search, const struct decoded *decoded)
{
    if (add_beside_operands(search, decoded))
        return;
    for (ZyanU8 i = 0; i < decoded->instruction.operand_count; i++)
        add_operand(search, decoded, &decoded->operands[i]);
}

/* An instruction that cannot be read: addresses are in registers, mostly. */
static void add_guesses(const struct search *search)
{
    static const ZydisRegister names[] = {
        ZYDIS_REGISTER_RAX, ZYDIS_REGISTER_RCX, ZYDIS_REGISTER_RDX, ZYDIS_REGISTER_RBX,
        ZYDIS_REGISTER_RSP, ZYDIS_REGISTER_RBP, ZYDIS_REGISTER_RSI, ZYDIS_REGISTER_RDI,
        ZYDIS_REGISTER_R8,  ZYDIS_REGISTER_R9,  ZYDIS_REGISTER_R10, ZYDIS_REGISTER_R11,
        ZYDIS_REGISTER_R12, ZYDIS_REGISTER_R13, ZYDIS_REGISTER_R14, ZYDIS_REGISTER_R15,
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        search_add(search, decoded_register(&search->context->registers, names[i]), 1, false,
                   ACCESS_GUESSED);
}

void search_instruction(const struct search *search)
{
    const struct instruction_context *context = search->context;
    const uint64_t rip = context->registers.rip;
    const uint64_t code = decoded_linear(context, ZYDIS_REGISTER_CS, rip);
    uint8_t bytes[INSTRUCTION_LONGEST];
    struct decoded decoded;

    const size_t fetched = decoded_fetch_code(context, rip, bytes, sizeof bytes);
    if (!decoded_read(context, bytes, fetched, &decoded)) {
        /* It may be for its next page. */
        search_add(search, code, 1, false, ACCESS_CERTAIN);
        search_add(search, code, fetched + 1, false, ACCESS_POSSIBLE);
        add_guesses(search);
        search->found->whole = false;
        return;
    }
    search_add(search, code, decoded.instruction.length, false, ACCESS_CERTAIN);
    const uint32_t without_data = search->found->count;
    if (!only_hints(&decoded) && !is_through(&decoded, &context->registers))
        add_operands(search, &decoded);
    if (search->found->count == without_data || !is_plain(&decoded) || loads_segment(&decoded) ||
        (context->system.cr4 & CR4_SHADOW_STACKS) != 0)
        search->found->whole = false;
}

void instruction_find_accesses(const struct instruction_context *context,
                               struct instruction_accesses *accesses)
{
    const struct search search = {context, accesses, ACCESS_CERTAIN};

    accesses->count = 0;
    accesses->whole = true;
    search_instruction(&search);
}
