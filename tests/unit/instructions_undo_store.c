/* SPDX-License-Identifier: MIT
 * Registers as they were before an instruction whose store KVM's emulator has made: which
 * instruction it was, and what it had moved. */
#include "instruction_guest.h"

static struct guest guest;
static struct registers *const after = &guest.context.registers;
static struct registers before;

static int setup(void **state)
{
    (void)state;
    guest_make(&guest);
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        after->general[i] = 0x1111111111111111u * i;
    after->rsp = STACK - 0x100;
    return 0;
}

/* The code begins at CODE and ends where the vCPU stands, unless that was changed. */
static bool undo(const char *code, size_t count, uint64_t gpa, uint64_t value, uint32_t bytes)
{
    const struct instruction_store store = {gpa, value, bytes};

    memset(&before, 0xee, sizeof before);
    guest_put_code(&guest, CODE, code, count);
    if (after->rip == CODE)
        after->rip += count;
    return instruction_undo_store(&guest.context, &store, &before);
}
#define UNDO(code, gpa, value, bytes) undo(code, sizeof(code) - 1, gpa, value, bytes)

/* Only what is said here is another than after the instruction. */
static void differs_by(struct registers expected)
{
    assert_memory_equal(&before, &expected, sizeof before);
}

static void a_move_changes_rip_alone(void **state)
{
    (void)state;
    after->rdi = DATA;
    assert_true(UNDO("\x90\x48\x89\x07", DATA, after->rax, 8)); /* nop; mov [rdi], rax */
    struct registers expected = *after;
    expected.rip = CODE + 1;
    differs_by(expected);
}

static void a_part_of_a_store_over_a_page_border_is_enough(void **state)
{
    (void)state;
    after->rdi = DATA + PAGE - 3;
    assert_true(UNDO("\x90\x48\x89\x07", DATA + PAGE - 3, 0, 3));
    assert_int_equal(before.rip, CODE + 1);
    assert_true(UNDO("\x90\x48\x89\x07", DATA + PAGE, 0, 5));
    assert_false(UNDO("\x90\x48\x89\x07", DATA + PAGE, 0, 4));
}

static void a_push_of_memory_gives_the_stack_pointer_back(void **state)
{
    (void)state;
    after->rdi = DATA;
    assert_true(UNDO("\xff\x37", after->rsp, 0, 8)); /* push [rdi] */
    struct registers expected = *after;
    expected.rip = CODE;
    expected.rsp += 8;
    differs_by(expected);
}

static void a_push_with_the_address_size_prefix_pushes_at_the_whole_stack_pointer(void **state)
{
    (void)state;
    after->rsp = ALIAS + STACK - 8;
    assert_true(UNDO("\x67\x50", STACK - 8 + ALIAS_PAGES * PAGE, 0, 8));
    assert_int_equal(before.rsp, ALIAS + STACK);
    assert_int_equal(before.rip, CODE);
}

static void a_call_is_found_by_the_address_that_it_pushed(void **state)
{
    (void)state;
    after->rip = CODE + 0x205;
    /* call +0x200 */
    assert_true(UNDO("\xe8\x00\x02\x00\x00", after->rsp, CODE + 5, 8));
    struct registers expected = *after;
    expected.rip = CODE;
    expected.rsp += 8;
    differs_by(expected);
}

static void a_pop_into_memory_takes_its_address_behind(void **state)
{
    (void)state;
    assert_true(UNDO("\x8f\x04\x24", after->rsp, 0, 8)); /* pop [rsp] */
    struct registers expected = *after;
    expected.rip = CODE;
    expected.rsp -= 8;
    differs_by(expected);
}

static void enter_gets_its_frame_pointer_back(void **state)
{
    (void)state;
    after->rbp = STACK - 8;
    after->rsp = STACK - 8 - 32;
    assert_true(UNDO("\xc8\x20\x00\x00", STACK - 8, 0x1234, 8)); /* enter 32, 0 */
    struct registers expected = *after;
    expected.rip = CODE;
    expected.rsp = STACK;
    expected.rbp = 0x1234;
    differs_by(expected);
}

static void a_string_move_goes_back_by_its_width_and_against_its_direction(void **state)
{
    (void)state;
    after->rsi = OTHER + 8;
    after->rdi = DATA + 8;
    assert_true(UNDO("\x48\xa5", DATA, 0, 8)); /* movsq */
    assert_int_equal(before.rsi, OTHER);
    assert_int_equal(before.rdi, DATA);
    assert_int_equal(before.rcx, after->rcx);
    after->rflags |= 1u << 10;
    assert_true(UNDO("\x48\xa5", DATA + 16, 0, 8));
    assert_int_equal(before.rsi, OTHER + 16);
    assert_int_equal(before.rdi, DATA + 16);
}

static void a_move_of_a_double_is_no_string_move(void **state)
{
    (void)state;
    after->rdi = DATA;
    memset(guest.memory[CODE / PAGE - 1], 0x90, PAGE);
    assert_true(UNDO("\xf2\x0f\x11\x07", DATA, 0, 8)); /* movsd [rdi], xmm0 */
    struct registers expected = *after;
    expected.rip = CODE;
    differs_by(expected);
}

static void ins_goes_back_by_four_bytes_at_most(void **state)
{
    (void)state;
    after->rdi = DATA + 4;
    assert_true(UNDO("\x48\x6d", DATA, 0, 4)); /* rex.w insd */
    assert_int_equal(before.rdi, DATA);
    assert_int_equal(before.rip, CODE);
}

/* An offset that wraps takes nothing from the part of its register that is no offset. */
static void with_16_bits_the_rest_of_a_register_stays(void **state)
{
    (void)state;
    guest_leave_64_bit_mode(&guest, false);
    guest.context.system.ss_base = PAGE * 20;
    guest.context.system.es_base = PAGE * 22;
    after->rsp = 0xabcdfffe;
    assert_true(UNDO("\x50", PAGE * 20 + 0xfffe, 0, 2)); /* push ax */
    assert_int_equal(before.rsp, 0xabcd0000);
    after->rip = CODE;
    after->rbp = 0xabcdfffe;
    after->rsp = 0x1234ffee;
    assert_true(UNDO("\xc8\x10\x00\x00", PAGE * 20 + 0xfffe, 0x77, 2)); /* enter 16, 0 */
    assert_int_equal(before.rsp, 0x12340000);
    assert_int_equal(before.rbp, 0xabcd0077);
    after->rip = CODE;
    after->rdi = 0xabcd0000;
    assert_true(UNDO("\xaa", PAGE * 22 + 0xffff, 0, 1)); /* stosb */
    assert_int_equal(before.rdi, 0xabcdffff);
}

static void with_addresses_of_32_bits_a_pointer_wraps(void **state)
{
    (void)state;
    guest_leave_64_bit_mode(&guest, true);
    guest.context.system.es_base = DATA + 4;
    after->rdi = 0;
    assert_true(UNDO("\xab", DATA, 0, 4)); /* stosd */
    assert_int_equal(before.rdi, 0xfffffffc);
}

static void a_repeated_move_is_left_between_two_rounds(void **state)
{
    (void)state;
    after->rip = CODE;
    after->rcx = 3;
    after->rsi = OTHER + 1;
    after->rdi = DATA + 1;
    guest_write(&guest, OTHER, 0x5a);
    guest_put_code(&guest, CODE, "\xf3\xa4", 2); /* rep movsb */
    const struct instruction_store store = {DATA, 0x5a, 1};
    assert_true(instruction_undo_store(&guest.context, &store, &before));
    struct registers expected = *after;
    expected.rcx = 4;
    expected.rsi = OTHER;
    expected.rdi = DATA;
    differs_by(expected);
    /* Another instruction has stored this: the move would store something else. */
    const struct instruction_store another = {DATA, 0x5b, 1};
    assert_false(instruction_undo_store(&guest.context, &another, &before));
}

static void xadd_gets_its_summand_back(void **state)
{
    (void)state;
    after->rdi = DATA;
    after->rax = 40;                                    /* what was in memory */
    assert_true(UNDO("\x48\x0f\xc1\x07", DATA, 42, 8)); /* xadd [rdi], rax */
    assert_int_equal(before.rax, 2);
    after->rax = 0xaaaabbbbccccdd28u;
    after->rip = CODE;
    assert_true(UNDO("\x90\x0f\xc0\x07", DATA, 42, 1)); /* xadd [rdi], al */
    assert_int_equal(before.rax, 0xaaaabbbbccccdd02u);
}

static void adc_and_rcl_get_their_carry_back(void **state)
{
    (void)state;
    after->rdi = DATA;
    after->rax = 1;
    guest_write(&guest, DATA, 10);
    assert_true(UNDO("\x48\x11\x07", DATA, 12, 8)); /* adc [rdi], rax */
    assert_int_equal(before.rflags & 1, 1);
    assert_true(UNDO("\x48\x11\x07", DATA, 11, 8));
    assert_int_equal(before.rflags & 1, 0);
    assert_true(UNDO("\x48\xd1\x17", DATA, 21, 8)); /* rcl [rdi], 1 */
    assert_int_equal(before.rflags & 1, 1);
}

static void a_compare_that_failed_does_not_look_for_what_it_found(void **state)
{
    (void)state;
    after->rdi = DATA;
    after->rax = 5;                                    /* found */
    assert_true(UNDO("\x48\x0f\xb1\x0f", DATA, 5, 8)); /* cmpxchg [rdi], rcx */
    assert_int_not_equal(before.rax, 5);
    after->rflags |= 1u << 6;
    assert_true(UNDO("\x48\x0f\xb1\x0f", DATA, after->rcx, 8));
    assert_int_equal(before.rax, 5);
}

static void a_prefix_that_the_emulator_overlooks_belongs_to_the_instruction(void **state)
{
    (void)state;
    after->rdi = DATA;
    assert_true(UNDO("\xf3\x0f\xc3\x07", DATA, 0, 4)); /* rep movnti [rdi], eax */
    assert_int_equal(before.rip, CODE);
}

static void of_several_readings_the_one_that_the_code_before_supports_is_taken(void **state)
{
    (void)state;
    after->rax = DATA;
    memset(guest.memory[CODE / PAGE - 1], 0x90, PAGE);
    /* mov ecx, 0x40000000; mov [rax], eax. The last byte of the number is a prefix, too. */
    assert_true(UNDO("\xb9\x00\x00\x00\x40\x89\x00", DATA, 0, 4));
    assert_int_equal(before.rip, CODE + 5);
    after->rip = CODE;
    assert_true(UNDO("\x90\x90\x90\x90\x40\x89\x00", DATA, 0, 4)); /* rex mov [rax], eax */
    assert_int_equal(before.rip, CODE + 4);
}

static void a_store_that_none_made_changes_nothing(void **state)
{
    struct registers untouched;

    (void)state;
    memset(&untouched, 0xee, sizeof untouched);
    assert_false(UNDO("\x90\x90\x90", DATA, 0, 8));
    differs_by(untouched);
    after->rdi = DATA + 8;
    assert_false(UNDO("\x48\x89\x07", DATA, 0, 8));
    differs_by(untouched);
}

static void code_that_cannot_be_read_changes_nothing(void **state)
{
    (void)state;
    guest.is_absent[CODE / PAGE] = true;
    after->rdi = DATA;
    assert_false(UNDO("\x48\x89\x07", DATA, 0, 8));
    after->rip = UINT64_MAX - 3;
    assert_false(UNDO("\x48\x89\x07", DATA, UINT64_MAX, 8));
}

static void what_lies_before_an_absent_page_is_not_needed(void **state)
{
    (void)state;
    guest.is_absent[CODE / PAGE - 1] = true;
    after->rdi = DATA;
    assert_true(UNDO("\x48\x89\x07", DATA, 0, 8));
    assert_int_equal(before.rip, CODE);
}

int main(void)
{
#define IN_A_GUEST(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        IN_A_GUEST(a_move_changes_rip_alone),
        IN_A_GUEST(a_part_of_a_store_over_a_page_border_is_enough),
        IN_A_GUEST(a_push_of_memory_gives_the_stack_pointer_back),
        IN_A_GUEST(a_push_with_the_address_size_prefix_pushes_at_the_whole_stack_pointer),
        IN_A_GUEST(a_call_is_found_by_the_address_that_it_pushed),
        IN_A_GUEST(a_pop_into_memory_takes_its_address_behind),
        IN_A_GUEST(enter_gets_its_frame_pointer_back),
        IN_A_GUEST(a_string_move_goes_back_by_its_width_and_against_its_direction),
        IN_A_GUEST(a_move_of_a_double_is_no_string_move),
        IN_A_GUEST(ins_goes_back_by_four_bytes_at_most),
        IN_A_GUEST(with_16_bits_the_rest_of_a_register_stays),
        IN_A_GUEST(with_addresses_of_32_bits_a_pointer_wraps),
        IN_A_GUEST(a_repeated_move_is_left_between_two_rounds),
        IN_A_GUEST(xadd_gets_its_summand_back),
        IN_A_GUEST(adc_and_rcl_get_their_carry_back),
        IN_A_GUEST(a_compare_that_failed_does_not_look_for_what_it_found),
        IN_A_GUEST(a_prefix_that_the_emulator_overlooks_belongs_to_the_instruction),
        IN_A_GUEST(of_several_readings_the_one_that_the_code_before_supports_is_taken),
        IN_A_GUEST(a_store_that_none_made_changes_nothing),
        IN_A_GUEST(code_that_cannot_be_read_changes_nothing),
        IN_A_GUEST(what_lies_before_an_absent_page_is_not_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
