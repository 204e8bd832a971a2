/* SPDX-License-Identifier: MIT
 * A hostile guest's instructions, registers and memory: bytes that mostly are instructions,
 * registers that mostly point near the borders of pages, page tables with holes. */
#ifndef HOLDFAST_FUZZ_INSTRUCTION_BYTES_H
#define HOLDFAST_FUZZ_INSTRUCTION_BYTES_H

#include "tests/unit/chance.h"
#include "tests/unit/instruction_guest.h"

static inline uint64_t random_address(void)
{
    const uint64_t near_border = below(GUEST_PAGES + 2) * PAGE + below(33) - 16;

    switch (below(16)) {
    case 0:
        return random_64();
    case 1:
        return below(5); /* a count */
    case 2:
        return ALIAS + near_border;
    case 3:
        return 0 - below(64);
    case 4:
        return below(MAPPED_PAGES * PAGE);
    default:
        return near_border;
    }
}

static inline size_t append(uint8_t *to, const char *bytes, size_t count)
{
    memcpy(to, bytes, count);
    return count;
}

/* Mostly what computes its result from what it finds, moves a pointer, or has operands that are
 * easily overlooked. */
static inline size_t random_opcode(uint8_t *to)
{
    static const char simple[] = "\x50\x57\x6a\x68\x9c\xe8\xff\x8f\xc8\xa4\xa5\xaa\xab\x6c\x6d\x88"
                                 "\x89\x01\x11\x19\xc7\xd1\xd3\xc1\xd7\x06\x8c\xa3\xcf\x62\xc4\xdd";
    static const char wide[] = "\xab\xb3\xbb\xba\xb0\xb1\xc0\xc1\xc7\xc3\xae\x01\x7f\x11\x29\xe7"
                               "\xf7\x18\xa0\xa8\x0d\xa4\xad\x94\x1e\x00";

    switch (below(8)) {
    case 0:
        *to = (uint8_t)below(256);
        return 1;
    case 1:
        to[0] = 0x0f;
        to[1] = (uint8_t)below(256);
        return 2;
    case 2:
        to[0] = 0x0f;
        to[1] = (uint8_t)wide[below(sizeof wide - 1)];
        return 2;
    case 3: /* VEX, among them gathers */
        append(to, "\xc4\xe2\x00\x90", 4);
        to[2] = (uint8_t)below(256);
        to[3] = (uint8_t)(one_in(2) ? 0x90 + below(4) : below(256));
        return 4;
    case 4: /* EVEX, among them scatters */
        append(to, "\x62\xf2\x7d\x49\xa0", 5);
        to[1] = (uint8_t)(one_in(2) ? 0xf2 : below(256));
        to[2] ^= (uint8_t)(below(2) << 7);
        to[3] = (uint8_t)below(256);
        to[4] = (uint8_t)(one_in(2) ? (one_in(2) ? 0x90 : 0xa0) + below(4) : below(256));
        return 5;
    default:
        *to = (uint8_t)simple[below(sizeof simple - 1)];
        return 1;
    }
}

/* Prefixes, one opcode, and bytes that make its operands. Fills all of it. */
static inline void random_code(uint8_t code[INSTRUCTION_LONGEST + 8])
{
    static const char prefixes[] = "\x66\x67\xf2\xf3\xf0\x2e\x36\x64\x65\x48\x4c\x41";
    size_t count = 0;

    for (size_t i = 0; i < INSTRUCTION_LONGEST + 8; i++)
        code[i] = (uint8_t)below(256);
    while (count < 4 && one_in(3))
        code[count++] = (uint8_t)prefixes[below(sizeof prefixes - 1)];
    count += random_opcode(code + count);
    if (!one_in(4))
        code[count] &= 0x3f; /* no displacement, or a short one: an operand in memory */
}

static inline void random_extended_state(struct extended_state *state)
{
    for (size_t i = 0; i + 8 <= EXTENDED_BYTES; i += 8)
        memcpy(state->area + i, &(uint64_t){random_address()}, 8);
    state->xcr0 = random_64();
    state->is_known = !one_in(8);
    state->component[5] = (struct extended_component){832, 64};
    state->component[6] = (struct extended_component){896, 512};
    state->component[7] = (struct extended_component){1408, 1024};
    state->component[below(EXTENDED_COMPONENTS)] =
        (struct extended_component){(uint32_t)below(8192), (uint32_t)below(8192)};
}

static inline void random_registers(struct registers *registers)
{
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        registers->general[i] = random_address();
    registers->rip = CODE + below(3) * PAGE + below(48) - 24;
    registers->rflags = random_64();
}

static inline void random_mode(struct guest *guest)
{
    struct system_registers *system = &guest->context.system;

    system->code_privilege = (uint8_t)below(4);
    system->fs_base = random_address();
    system->gs_base = random_address();
    system->tr_base = random_address();
    system->idt_base = random_address();
    system->gdt_base = random_address();
    system->gdt_limit = (uint16_t)random_64();
    if (one_in(16))
        system->cr4 = random_64();
    if (!one_in(4))
        return;
    guest_leave_64_bit_mode(guest, one_in(2));
    if (one_in(4))
        system->cr0 |= 1u << 31; /* tables of a form that is not read */
    system->ss_base = below(GUEST_PAGES) * PAGE;
    system->ds_base = below(GUEST_PAGES) * PAGE;
}

/* Some pages cannot be read, some are not in the tables or lead to another place. */
static inline void random_guest(struct guest *guest)
{
    guest_make(guest);
    for (uint64_t page = TASK / PAGE; page < GUEST_PAGES; page++)
        for (uint64_t at = 0; at < 64; at += 8) {
            guest_write(guest, page * PAGE + at, random_address());
            guest_write(guest, page * PAGE + PAGE - 8 - at, random_address());
        }
    for (unsigned holes = (unsigned)below(5); holes > 0; holes--) {
        guest->is_absent[below(GUEST_PAGES)] = true;
        guest_write(guest, TABLE(3) + below(GUEST_PAGES) * 8, below(4));
        guest_write(guest, TABLE(below(6)) + below(one_in(2) ? 5 : 512) * 8,
                    random_address() | (one_in(2) ? 0x83 : 1));
    }
    random_extended_state(&guest->extended);
    random_mode(guest);
}

#endif
