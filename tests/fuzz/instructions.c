/* SPDX-License-Identifier: MIT
 * Instructions, registers and memory as a hostile guest has them: whatever they are, no memory is
 * read beside what is offered, lists of accesses stay within their bounds, hold each page once and
 * have every operand that the instruction names,
 * and undoing a store changes only what the instruction that is found for it changes. The store of
 * an instruction that is known is always undone, to the very registers that it began with.
 *
 * An input begins with the number of a guest, its memory and mode; the rest is registers and code.
 */
#include "instruction_emulated.h"
#include "instruction_operands.h"
#include "target.h"

#include <stdio.h>

#define ROUNDS_MOST 64u   /* in a guest */
#define READS_MOST  4096u /* of one question */
#define RSI         6u
#define RDI         7u

static struct guest guest;
static struct registers *const at = &guest.context.registers;
static uint64_t rounds, found_accesses, whole_lists, undone, emulations, agreed, most_reads,
    operands;
static uint32_t reads;

/* Reads must be on one page, or guest_read() fails the test. */
static bool count_read(const void *who, uint64_t gpa, void *to, size_t bytes)
{
    reads++;
    return guest_read(who, gpa, to, bytes);
}

static void check_reads(void)
{
    assert_true(reads <= READS_MOST);
    if (reads > most_reads)
        most_reads = reads;
    reads = 0;
}

static const struct instruction_access *find(const struct instruction_accesses *accesses,
                                             uint64_t gpa, bool write)
{
    for (uint32_t i = 0; i < accesses->count; i++)
        if (accesses->access[i].gpa / PAGE == gpa / PAGE && accesses->access[i].write == write)
            return &accesses->access[i];
    return NULL;
}

static void check_accesses(const struct instruction_accesses *accesses, enum certainty at_most)
{
    check_reads();
    assert_true(accesses->count <= INSTRUCTION_ACCESSES_MOST);
    for (uint32_t i = 0; i < accesses->count; i++) {
        const struct instruction_access *access = &accesses->access[i];
        assert_true(guest_is_memory(&guest, access->gpa));
        assert_true(access->certainty >= at_most && access->certainty <= ACCESS_GUESSED);
        assert_ptr_equal(find(accesses, access->gpa, access->write), access);
        assert_false(accesses->whole && access->certainty == ACCESS_GUESSED);
    }
}

static void check_operands(const struct instruction_accesses *accesses)
{
    struct decoded decoded;
    uint8_t bytes[INSTRUCTION_LONGEST];
    const size_t count = decoded_fetch_code(&guest.context, at->rip, bytes, sizeof bytes);
    uint64_t gpa;

    if (accesses->count == INSTRUCTION_ACCESSES_MOST ||
        !decoded_read(&guest.context, bytes, count, &decoded) || decoded_is_repeated(&decoded))
        return;
    for (unsigned i = 0; i < decoded.instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded.operands[i];
        const bool write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
        if (!is_plain_operand(&decoded, operand) ||
            !decoded_translate(&guest.context, plain_address(&guest.context, &decoded, operand),
                               &gpa) ||
            !guest_is_memory(&guest, gpa))
            continue;
        operands++;
        assert_true(find(accesses, gpa, write) != NULL ||
                    (!write && find(accesses, gpa, true) != NULL));
    }
}

static void look_for_accesses(void)
{
    struct instruction_accesses accesses;
    uint64_t code;

    instruction_find_accesses(&guest.context, &accesses);
    check_accesses(&accesses, ACCESS_CERTAIN);
    if (decoded_translate(&guest.context,
                          decoded_linear(&guest.context, ZYDIS_REGISTER_CS, at->rip), &code) &&
        guest_is_memory(&guest, code))
        assert_int_equal(find(&accesses, code, false)->certainty, ACCESS_CERTAIN);
    check_operands(&accesses);
    found_accesses += accesses.count;
    whole_lists += accesses.whole;
    reads = 0;
    instruction_find_delivery(&guest.context, (uint8_t)random_64(), &accesses);
    check_accesses(&accesses, ACCESS_POSSIBLE);
    assert_false(accesses.whole);
}

/* The instruction that was found: its length is known by where it ends. */
static bool read_found(uint64_t rip, uint64_t end, struct decoded *decoded)
{
    uint8_t bytes[INSTRUCTION_LONGEST];
    const uint64_t length = end - rip;

    return length > 0 && length <= sizeof bytes &&
           decoded_fetch_code(&guest.context, rip, bytes, length) == length &&
           decoded_read_emulated(&guest.context, bytes, length, decoded) &&
           decoded->instruction.length == length;
}

static bool read_repeated(uint64_t rip, struct decoded *decoded)
{
    uint8_t bytes[INSTRUCTION_LONGEST];

    return rip == at->rip &&
           decoded_read_emulated(&guest.context, bytes,
                                 decoded_fetch_code(&guest.context, rip, bytes, sizeof bytes),
                                 decoded) &&
           decoded_is_repeated(decoded);
}

/* Zydis does not tell of all pointers that a string instruction moves. */
static bool moves_pointer(const struct decoded *decoded, unsigned number)
{
    const ZydisInstructionCategory category = decoded->instruction.meta.category;

    return (category == ZYDIS_CATEGORY_STRINGOP || category == ZYDIS_CATEGORY_IOSTRINGOP) &&
           (number == RSI || number == RDI);
}

static bool writes_register(const struct decoded *decoded, unsigned number)
{
    for (unsigned i = 0; i < decoded->instruction.operand_count; i++) {
        const ZydisDecodedOperand *operand = &decoded->operands[i];
        const ZydisRegister name =
            operand->type == ZYDIS_OPERAND_TYPE_REGISTER ? operand->reg.value : ZYDIS_REGISTER_NONE;
        const ZydisRegister whole =
            ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);
        if ((operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0 &&
            whole == ZydisRegisterEncode(ZYDIS_REGCLASS_GPR64, (ZyanU8)number))
            return true;
    }
    return false;
}

static bool computes_with_carry(ZydisMnemonic mnemonic)
{
    return mnemonic == ZYDIS_MNEMONIC_ADC || mnemonic == ZYDIS_MNEMONIC_SBB ||
           mnemonic == ZYDIS_MNEMONIC_RCL || mnemonic == ZYDIS_MNEMONIC_RCR;
}

static void check_undone(const struct registers *before, const struct instruction_store *store)
{
    struct decoded decoded;

    assert_true(read_repeated(before->rip, &decoded) ||
                read_found(before->rip, at->rip, &decoded) ||
                read_found(before->rip, store->value, &decoded));
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        if (before->general[i] != at->general[i])
            assert_true(writes_register(&decoded, i) || moves_pointer(&decoded, i));
    const uint64_t flags = before->rflags ^ at->rflags;
    assert_true(flags == 0 || (flags == 1 && computes_with_carry(decoded.instruction.mnemonic)));
}

static struct instruction_store random_store(void)
{
    const uint64_t linear =
        decoded_linear(&guest.context, one_in(2) ? ZYDIS_REGISTER_DS : ZYDIS_REGISTER_SS,
                       at->general[below(GENERAL_REGISTERS)] - below(2) * (1ull << below(5)));
    struct instruction_store store = {.gpa = random_address(),
                                      .value = one_in(2) ? random_64() : random_address(),
                                      .bytes = 1u << below(4)};

    decoded_translate(&guest.context, linear, &store.gpa);
    if (one_in(8))
        store.bytes = 1 + (uint32_t)below(8);
    if (store.gpa % PAGE + store.bytes > PAGE)
        store.bytes = (uint32_t)(PAGE - store.gpa % PAGE);
    return store;
}

/* Has the instruction behind it, or be the one that it stands at. */
static void move_on(struct instruction_store *store)
{
    struct decoded decoded;
    uint8_t bytes[INSTRUCTION_LONGEST];
    const size_t count = decoded_fetch_code(&guest.context, at->rip, bytes, sizeof bytes);

    if (!decoded_read_emulated(&guest.context, bytes, count, &decoded))
        return;
    const uint64_t end = at->rip + decoded.instruction.length;
    if (decoded.instruction.mnemonic == ZYDIS_MNEMONIC_CALL && !one_in(8)) {
        store->value = end;
        at->rip = random_address();
    } else if (!decoded_is_repeated(&decoded) || one_in(2))
        at->rip = end;
}

static void undo_one_store(void)
{
    struct instruction_store store = random_store();
    struct registers untouched;

    memset(&untouched, 0xee, sizeof untouched);
    struct registers before = untouched;
    move_on(&store);
    reads = 0;
    const bool found = instruction_undo_store(&guest.context, &store, &before);
    check_reads();
    if (found) {
        undone++;
        check_undone(&before, &store);
        reads = 0;
    } else
        assert_memory_equal(&before, &untouched, sizeof before);
}

/* An instruction that is known to have stored. Where it is the one that is found, and not another
 * that fits as well, the registers are those before it. */
static void undo_emulated_store(void)
{
    const struct registers first = *at;
    struct emulated emulated;
    struct registers before;

    if (!emulate(&guest.context, &emulated))
        return;
    *at = emulated.after;
    reads = 0;
    assert_true(instruction_undo_store(&guest.context, &emulated.store, &before));
    check_reads();
    emulations++;
    check_undone(&before, &emulated.store);
    if (before.rip == first.rip) {
        agreed++;
        assert_memory_equal(&before, &emulated.expected, sizeof before);
    }
    *at = first;
    reads = 0;
}

static void put_random_code(void)
{
    const uint64_t code = decoded_linear(&guest.context, ZYDIS_REGISTER_CS, at->rip);
    uint8_t bytes[INSTRUCTION_LONGEST + 8];
    uint64_t gpa;

    random_code(bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        if (decoded_translate(&guest.context, code + i, &gpa) && guest_is_memory(&guest, gpa) &&
            gpa > TABLE(5) + PAGE)
            *guest_byte(&guest, gpa) = bytes[i];
    reads = 0;
}

/* Made once each: that takes longer than most inputs. */
static void choose_guest(uint8_t seed)
{
    static struct guest guests[UINT8_MAX + 1];
    struct guest *chosen = &guests[seed];

    if (chosen->context.source.who == NULL) {
        chance_take_seed(seed);
        random_guest(chosen);
    }
    guest = *chosen;
    guest.context.source.who = &guest;
    guest.context.source.read = count_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 1)
        return 0;
    choose_guest(bytes[0]);
    chance_take_input(bytes + 1, size - 1);
    for (unsigned round = 0; chance_left > 0 && round < ROUNDS_MOST; round++) {
        random_registers(at);
        put_random_code();
        look_for_accesses();
        undo_emulated_store();
        undo_one_store();
        rounds++;
    }
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu rounds, %llu accesses, %llu operands, %llu lists whole, %llu reads at most; %llu "
           "stores undone, "
           "and of %llu that are known %llu as expected\n",
           (unsigned long long)rounds, (unsigned long long)found_accesses,
           (unsigned long long)operands, (unsigned long long)whole_lists,
           (unsigned long long)most_reads, (unsigned long long)undone,
           (unsigned long long)emulations, (unsigned long long)agreed);
    /* Else they are too wrong to come far. */
    assert_true(found_accesses > 0 && whole_lists > 0 && undone > 0 && agreed > 0 && operands > 0);
}
