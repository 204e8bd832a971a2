/* SPDX-License-Identifier: MIT
 * A vCPU with some memory, made of arrays: what vmm/instructions needs of a guest. */
#ifndef HOLDFAST_TEST_INSTRUCTION_GUEST_H
#define HOLDFAST_TEST_INSTRUCTION_GUEST_H

#include "vmm/instructions/instructions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define PAGE         0x1000ull
#define GUEST_PAGES  48u  /* of memory; behind them are devices */
#define MAPPED_PAGES 512u /* by the page tables */
#define ALIAS        (1ull << 32)
#define ALIAS_PAGES  4u /* linear ALIAS + n pages leads to guest-physical n + 4 */

/* Where things are, guest-physical and linear alike. */
#define TABLE(n) (PAGE * (1 + (n)))
#define CODE     (PAGE * 10)
#define STACK    (PAGE * 14) /* its end */
#define TASK     (PAGE * 16)
#define GATES    (PAGE * 17)
#define SEGMENTS (PAGE * 18)
#define DATA     (PAGE * 24)
#define OTHER    (PAGE * 32)

struct guest {
    uint8_t memory[GUEST_PAGES][PAGE];
    bool is_absent[GUEST_PAGES]; /* the guest has the page, and the host cannot read it */
    struct extended_state extended;
    struct instruction_context context;
};

static inline uint8_t *guest_byte(struct guest *guest, uint64_t gpa)
{
    return &guest->memory[gpa / PAGE][gpa % PAGE];
}

static inline void guest_write(struct guest *guest, uint64_t gpa, uint64_t value)
{
    memcpy(guest_byte(guest, gpa), &value, sizeof value);
}

static inline bool guest_read(const void *who, uint64_t gpa, void *to, size_t bytes)
{
    const struct guest *guest = who;

    assert_true(bytes > 0 && gpa % PAGE + bytes <= PAGE);
    if (gpa / PAGE >= GUEST_PAGES || guest->is_absent[gpa / PAGE])
        return false;
    memcpy(to, &guest->memory[gpa / PAGE][gpa % PAGE], bytes);
    return true;
}

static inline bool guest_is_memory(const void *who, uint64_t gpa)
{
    (void)who;
    return gpa / PAGE < GUEST_PAGES;
}

/* The page tables tell. */
static inline bool guest_translates_nothing(const void *who, uint64_t linear, uint64_t *gpa)
{
    (void)who, (void)linear, (void)gpa;
    return false;
}

/* As without paging. */
static inline bool guest_translates_to_itself(const void *who, uint64_t linear, uint64_t *gpa)
{
    (void)who;
    *gpa = linear;
    return true;
}

static inline void guest_extended_state(const void *who, struct extended_state *state)
{
    const struct guest *guest = who;

    *state = guest->extended;
}

/* Four levels: all pages at their own addresses, and again at ALIAS. */
static inline void guest_make_tables(struct guest *guest)
{
    guest_write(guest, TABLE(0), TABLE(1) | 3);
    guest_write(guest, TABLE(1), TABLE(2) | 3);
    guest_write(guest, TABLE(1) + 4 * 8, TABLE(4) | 3);
    guest_write(guest, TABLE(2), TABLE(3) | 3);
    guest_write(guest, TABLE(4), TABLE(5) | 3);
    for (uint64_t page = 0; page < MAPPED_PAGES; page++) {
        guest_write(guest, TABLE(3) + page * 8, page * PAGE | 3);
        guest_write(guest, TABLE(5) + page * 8, (page + ALIAS_PAGES) * PAGE | 3);
    }
}

/* In ring 0 of 64-bit mode, with vectors as AVX has them. */
static inline void guest_make(struct guest *guest)
{
    memset(guest, 0, sizeof *guest);
    guest_make_tables(guest);
    guest->extended.xcr0 = 7;
    guest->extended.component[2] = (struct extended_component){.at = 576, .bytes = 256};
    guest->extended.is_known = true;
    guest->context = (struct instruction_context){
        .registers = {.rip = CODE, .rsp = STACK - 0x100, .rflags = 2},
        .system = {.cr0 = 1u << 31 | 1,
                   .cr3 = TABLE(0),
                   .efer = 1u << 10,
                   .tr_base = TASK,
                   .gdt_base = SEGMENTS,
                   .idt_base = GATES,
                   .gdt_limit = 39,
                   .code_is_long = true},
        .source = {guest, guest_read, guest_is_memory, guest_translates_nothing,
                   guest_extended_state},
    };
}

/* Without paging, in real mode or in protected mode with 32 bits. */
static inline void guest_leave_64_bit_mode(struct guest *guest, bool is_32_bit)
{
    struct system_registers *system = &guest->context.system;

    system->cr0 = is_32_bit;
    system->efer = 0;
    system->code_is_long = false;
    system->code_is_32_bit = is_32_bit;
    system->stack_is_32_bit = is_32_bit;
    guest->context.source.translate = guest_translates_to_itself;
}

static inline void guest_put_code(struct guest *guest, uint64_t at, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *guest_byte(guest, at + i) = (uint8_t)bytes[i];
}

#endif
