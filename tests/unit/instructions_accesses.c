/* SPDX-License-Identifier: MIT
 * What an instruction is said to access: each page of memory, read or written, and how certain that
 * is; and that a list is not called whole where something may be missing. */
#include "instruction_guest.h"

#define CERTAIN  ACCESS_CERTAIN
#define POSSIBLE ACCESS_POSSIBLE
#define READ     false
#define WRITE    true

static struct guest guest;
static struct registers *const at = &guest.context.registers;
static struct instruction_accesses accesses;

static int setup(void **state)
{
    (void)state;
    guest_make(&guest);
    return 0;
}

/* The bytes are a string's, without the 0 at its end. */
#define FIND(bytes)                                                                                \
    do {                                                                                           \
        guest_put_code(&guest, at->rip, bytes, sizeof(bytes) - 1);                                 \
        instruction_find_accesses(&guest.context, &accesses);                                      \
    } while (0)

static const struct instruction_access *find(uint64_t gpa, bool write)
{
    for (uint32_t i = 0; i < accesses.count; i++)
        if (accesses.access[i].gpa == gpa && accesses.access[i].write == write)
            return &accesses.access[i];
    return NULL;
}

static void has(uint64_t gpa, bool write, enum certainty certainty)
{
    const struct instruction_access *access = find(gpa, write);

    assert_non_null(access);
    assert_int_equal(access->certainty, certainty);
}

/* How many accesses there are besides those to page tables and to the instruction itself. */
static uint32_t others(void)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < accesses.count; i++) {
        const uint64_t page = accesses.access[i].gpa / PAGE;
        count += page > TABLE(5) / PAGE && page != CODE / PAGE;
    }
    return count;
}

static void a_load_reads_its_page_its_own_code_and_the_tables(void **state)
{
    (void)state;
    at->rdi = DATA + 8;
    FIND("\x48\x8b\x07"); /* mov rax, [rdi] */
    has(CODE, READ, CERTAIN);
    has(DATA + 8, READ, CERTAIN);
    for (unsigned level = 0; level < 3; level++) {
        has(TABLE(level), READ, CERTAIN);
        has(TABLE(level), WRITE, POSSIBLE); /* it may be marked as used */
    }
    assert_int_equal(others(), 1);
    assert_true(accesses.whole);
}

static void a_push_of_memory_reads_there_and_writes_the_stack(void **state)
{
    (void)state;
    at->rdi = DATA;
    FIND("\xff\x37"); /* push [rdi] */
    has(DATA, READ, CERTAIN);
    has(at->rsp - 8, WRITE, CERTAIN);
    assert_int_equal(others(), 2);
    assert_true(accesses.whole);
}

static void a_string_move_over_a_page_border_touches_four_pages(void **state)
{
    (void)state;
    at->rsi = DATA + PAGE - 4;
    at->rdi = OTHER + PAGE - 1;
    FIND("\x48\xa5"); /* movsq */
    has(DATA + PAGE - 4, READ, CERTAIN);
    has(DATA + PAGE, READ, CERTAIN);
    has(OTHER + PAGE - 1, WRITE, CERTAIN);
    has(OTHER + PAGE, WRITE, CERTAIN);
    assert_int_equal(others(), 4);
    assert_true(accesses.whole);
}

static void a_repeated_string_move_with_nothing_left_touches_nothing(void **state)
{
    (void)state;
    at->rsi = DATA;
    at->rdi = OTHER;
    FIND("\xf3\xa4"); /* rep movsb */
    assert_int_equal(others(), 0);
    assert_false(accesses.whole);
    at->rcx = 1;
    FIND("\xf3\xa4");
    assert_int_equal(others(), 2);
    at->rcx = 1ull << 32; /* the count has the width of addresses */
    FIND("\x67\xf3\xa4");
    assert_int_equal(others(), 0);
}

static void enter_copies_frames_pushes_and_looks_at_the_top(void **state)
{
    (void)state;
    at->rsp = STACK;
    at->rbp = DATA + 8;
    FIND("\xc8\x00\x10\x03"); /* enter 4096, 3 */
    has(STACK - 32, WRITE, CERTAIN);
    has(STACK - 32 - PAGE, WRITE, POSSIBLE);
    has(DATA - 8, READ, CERTAIN);
    has(DATA, READ, CERTAIN);
    assert_int_equal(others(), 4);
}

static void xsave_certainly_writes_its_beginning_and_perhaps_the_rest(void **state)
{
    (void)state;
    at->rdi = DATA + PAGE - 640;
    at->rax = 7;
    FIND("\x0f\xae\x27"); /* xsave [rdi] */
    has(DATA + PAGE - 640, WRITE, CERTAIN);
    has(DATA + PAGE, WRITE, POSSIBLE);
    assert_int_equal(others(), 2);
    assert_false(accesses.whole);
}

static void xsave_in_ring_3_writes_what_xcr0_has(void **state)
{
    (void)state;
    guest.context.system.code_privilege = 3;
    guest.extended.xcr0 = 3;
    at->rdi = DATA + PAGE - 640;
    at->rax = 7;
    FIND("\x0f\xae\x27");
    assert_int_equal(others(), 1);
}

static void set_vector(unsigned number, uint32_t a, uint32_t b)
{
    memcpy(guest.extended.area + 160 + 16 * number, (uint32_t[]){a, b, 0, 0}, 16);
}

static void a_gather_reads_the_elements_that_its_mask_selects(void **state)
{
    (void)state;
    at->rdi = DATA;
    set_vector(0, 16, (uint32_t)-8192);
    set_vector(1, 0, 1u << 31);
    FIND("\xc4\xe2\x71\x90\x14\x07"); /* vpgatherdd xmm2, [rdi+xmm0], xmm1 */
    has(DATA - 8192, READ, POSSIBLE);
    assert_int_equal(others(), 1);
    assert_false(accesses.whole);
    set_vector(1, 1u << 31, 1u << 31);
    FIND("\xc4\xe2\x71\x90\x14\x07");
    has(DATA + 16, READ, POSSIBLE);
    assert_int_equal(others(), 2);
}

static void a_gathers_offset_wraps_when_it_is_scaled(void **state)
{
    (void)state;
    at->rdi = DATA;
    set_vector(0, 2, 1u << 29); /* 2^61 + 2 */
    set_vector(1, 0, 1u << 31);
    FIND("\xc4\xe2\xf1\x91\x14\xc7"); /* vpgatherqq xmm2, [rdi+xmm0*8], xmm1 */
    has(DATA + 16, READ, POSSIBLE);
    assert_int_equal(others(), 1);
}

static void a_gather_without_known_vectors_is_not_whole(void **state)
{
    (void)state;
    guest.extended.is_known = false;
    at->rdi = DATA;
    FIND("\xc4\xe2\x71\x90\x14\x07");
    assert_int_equal(others(), 0);
    assert_false(accesses.whole);
}

static void the_address_size_prefix_cuts_data_addresses_and_not_the_stack(void **state)
{
    (void)state;
    at->rdi = ALIAS + DATA;
    FIND("\x67\x8b\x07"); /* mov eax, [edi] */
    has(DATA, READ, CERTAIN);
    FIND("\x8b\x07"); /* mov eax, [rdi] */
    has(DATA + ALIAS_PAGES * PAGE, READ, CERTAIN);
    at->rsp = ALIAS + STACK;
    FIND("\x67\x50"); /* addr32 push rax */
    has(STACK - 8 + ALIAS_PAGES * PAGE, WRITE, CERTAIN);
    assert_int_equal(others(), 1);
}

static void a_stack_pointer_of_16_bits_wraps(void **state)
{
    (void)state;
    guest_leave_64_bit_mode(&guest, false);
    guest.context.system.cs_base = CODE;
    guest.context.system.ss_base = PAGE * 20;
    at->rip = 0x10;
    at->rsp = 0xabcd0000u;
    guest_put_code(&guest, CODE + 0x10, "\x50", 1); /* push ax */
    instruction_find_accesses(&guest.context, &accesses);
    has(CODE + 0x10, READ, CERTAIN);
    has(PAGE * 20 + 0xfffe, WRITE, CERTAIN);
    assert_int_equal(others(), 1);
}

static void a_bits_number_leads_away_from_the_operand(void **state)
{
    (void)state;
    at->rdi = DATA;
    at->rax = (uint64_t)-8 * PAGE;
    FIND("\x48\x0f\xab\x07"); /* bts [rdi], rax */
    has(DATA - PAGE, WRITE, CERTAIN);
    assert_int_equal(others(), 1);
}

static void xlat_and_clzero_have_their_addresses_in_registers(void **state)
{
    (void)state;
    at->rbx = DATA;
    at->rax = 0xff05;
    FIND("\xd7"); /* xlat */
    has(DATA + 5, READ, CERTAIN);
    at->rax = OTHER + 70;
    FIND("\x0f\x01\xfc"); /* clzero */
    has(OTHER + 64, WRITE, CERTAIN);
}

static void a_segment_moves_the_address(void **state)
{
    (void)state;
    guest.context.system.gs_base = OTHER;
    guest.context.system.ds_base = PAGE; /* has none in 64-bit mode */
    at->rdi = 8;
    FIND("\x65\x8b\x07"); /* mov eax, gs:[rdi] */
    has(OTHER + 8, READ, CERTAIN);
    at->rdi = DATA;
    FIND("\x8b\x07");
    has(DATA, READ, CERTAIN);
}

static void a_prefetch_touches_nothing(void **state)
{
    (void)state;
    at->rdi = DATA;
    FIND("\x0f\x18\x0f"); /* prefetcht0 [rdi] */
    assert_int_equal(others(), 0);
    assert_false(accesses.whole);
}

static void a_devices_address_is_left_out(void **state)
{
    (void)state;
    at->rdi = GUEST_PAGES * PAGE;
    FIND("\x8b\x07");
    assert_int_equal(others(), 0);
}

static void bytes_that_are_no_instruction_give_guesses(void **state)
{
    (void)state;
    at->rbx = DATA + 1;
    FIND("\x0f\x04");
    has(CODE, READ, CERTAIN);
    has(DATA + 1, READ, ACCESS_GUESSED);
    assert_false(accesses.whole);
}

static void an_instruction_that_runs_into_an_absent_page_may_be_for_that_page(void **state)
{
    (void)state;
    at->rip = CODE + PAGE - 1;
    guest.is_absent[CODE / PAGE + 1] = true;
    FIND("\x48");
    has(CODE + PAGE - 1, READ, CERTAIN);
    has(CODE + PAGE, READ, POSSIBLE);
    assert_false(accesses.whole);
}

static void a_table_that_cannot_be_read_makes_the_list_not_whole(void **state)
{
    (void)state;
    at->rdi = ALIAS + DATA;
    guest.is_absent[TABLE(4) / PAGE] = true;
    FIND("\x8b\x07");
    has(TABLE(4), READ, CERTAIN);
    assert_int_equal(others(), 0);
    assert_false(accesses.whole);
}

static void what_leaves_its_segment_is_not_whole(void **state)
{
    (void)state;
    at->rdi = DATA;
    FIND("\x48\xcf"); /* iretq */
    assert_false(accesses.whole);
    FIND("\xff\x2f"); /* jmp far [rdi] */
    assert_false(accesses.whole);
    FIND("\x8e\x1f"); /* mov ds, [rdi] */
    has(DATA, READ, CERTAIN);
    assert_false(accesses.whole);
}

static void a_delivery_comes_before_the_instruction(void **state)
{
    (void)state;
    at->rdi = DATA;
    guest_write(&guest, TASK + 4, OTHER + 64); /* the stack of ring 0 */
    guest_put_code(&guest, CODE, "\x8b\x07", 2);
    instruction_find_delivery(&guest.context, 14, &accesses);
    has(GATES + 14 * 16, READ, POSSIBLE);
    has(TASK, READ, POSSIBLE);
    has(SEGMENTS, READ, POSSIBLE);
    has((at->rsp & ~15ull) - 48, WRITE, POSSIBLE);
    has(OTHER + 16, WRITE, POSSIBLE);
    has(DATA, READ, POSSIBLE);
    assert_false(accesses.whole);
}

int main(void)
{
#define IN_A_GUEST(test) cmocka_unit_test_setup(test, setup)
    const struct CMUnitTest tests[] = {
        IN_A_GUEST(a_load_reads_its_page_its_own_code_and_the_tables),
        IN_A_GUEST(a_push_of_memory_reads_there_and_writes_the_stack),
        IN_A_GUEST(a_string_move_over_a_page_border_touches_four_pages),
        IN_A_GUEST(a_repeated_string_move_with_nothing_left_touches_nothing),
        IN_A_GUEST(enter_copies_frames_pushes_and_looks_at_the_top),
        IN_A_GUEST(xsave_certainly_writes_its_beginning_and_perhaps_the_rest),
        IN_A_GUEST(xsave_in_ring_3_writes_what_xcr0_has),
        IN_A_GUEST(a_gather_reads_the_elements_that_its_mask_selects),
        IN_A_GUEST(a_gathers_offset_wraps_when_it_is_scaled),
        IN_A_GUEST(a_gather_without_known_vectors_is_not_whole),
        IN_A_GUEST(the_address_size_prefix_cuts_data_addresses_and_not_the_stack),
        IN_A_GUEST(a_stack_pointer_of_16_bits_wraps),
        IN_A_GUEST(a_bits_number_leads_away_from_the_operand),
        IN_A_GUEST(xlat_and_clzero_have_their_addresses_in_registers),
        IN_A_GUEST(a_segment_moves_the_address),
        IN_A_GUEST(a_prefetch_touches_nothing),
        IN_A_GUEST(a_devices_address_is_left_out),
        IN_A_GUEST(bytes_that_are_no_instruction_give_guesses),
        IN_A_GUEST(an_instruction_that_runs_into_an_absent_page_may_be_for_that_page),
        IN_A_GUEST(a_table_that_cannot_be_read_makes_the_list_not_whole),
        IN_A_GUEST(what_leaves_its_segment_is_not_whole),
        IN_A_GUEST(a_delivery_comes_before_the_instruction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
