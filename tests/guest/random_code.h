/* SPDX-License-Identifier: MIT
 * Random instructions that read or write memory by RDI, RSI, RSP or RBP, most of them valid. */
#ifndef HOLDFAST_TEST_RANDOM_CODE_H
#define HOLDFAST_TEST_RANDOM_CODE_H

#include "nano.h"

static uint64_t random_state;

static inline void random_start(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15ull + 1;
}

static inline uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static inline uint32_t random_below(uint32_t bound)
{
    return (uint32_t)((random_next() >> 20) % bound);
}

#define RANDOM_PICK(array) (array)[random_below(sizeof(array) / sizeof((array)[0]))]

struct random_code {
    uint8_t bytes[40];
    unsigned count;
    bool wide;      /* REX.W */
    bool narrow;    /* operands of 16 bits, if they would have 32 */
    uint8_t opcode; /* the last byte of it */
    bool two_bytes; /* 0x0f stands before it */
    bool locked;
    bool repeated; /* a string instruction with a repeat prefix */
};

static inline void random_put(struct random_code *code, uint64_t value, unsigned bytes)
{
    memcpy(code->bytes + code->count, &value, bytes);
    code->count += bytes;
}

/* What the instruction is about. */
enum random_kind { RANDOM_STRING, RANDOM_STACK, RANDOM_ONE_BYTE, RANDOM_TWO_BYTES };

static inline void random_prefixes(struct random_code *code, enum random_kind kind)
{
    code->narrow = random_below(4) == 0;
    if (code->narrow)
        random_put(code, 0x66, 1);
    if (kind == RANDOM_STRING) {
        code->repeated = random_below(2) == 0;
        if (code->repeated)
            random_put(code, random_below(2) == 0 ? 0xf2 : 0xf3, 1);
    } else if (kind == RANDOM_ONE_BYTE && random_below(6) == 0) {
        code->locked = true;
        random_put(code, 0xf0, 1);
    } else if (kind == RANDOM_TWO_BYTES && random_below(6) == 0)
        random_put(code, random_below(2) == 0 ? 0xf2 : 0xf3, 1);
    if (random_below(12) == 0)
        random_put(code, 0x67, 1);
}

/* The memory operand: [RDI], [RSI], or [RDI or RSP + RCX * n], and a small displacement. */
static inline void random_operand(struct random_code *code, uint32_t reg)
{
    const uint32_t rm = random_below(3) == 0 ? 4 : 6 + random_below(2);
    const bool wide = random_below(2) == 0;

    random_put(code, (wide ? 0x80u : 0x40u) | reg << 3 | rm, 1);
    if (rm == 4)
        random_put(code, random_below(4) << 6 | 1 << 3 | (random_below(2) == 0 ? 7 : 4), 1);
    random_put(code, random_below(64), wide ? 4 : 1);
}

static inline void random_string(struct random_code *code)
{
    static const uint8_t opcodes[] = {0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf};

    if (random_below(2) == 0)
        random_put(code, 0x48, 1);
    code->opcode = RANDOM_PICK(opcodes);
    random_put(code, code->opcode, 1);
}

/* Not RET: what it returns to is random, too. */
static inline void random_stack(struct random_code *code)
{
    static const uint8_t opcodes[] = {0x50, 0x51, 0x56, 0x58, 0x59, 0x68, 0x6a,
                                      0x8f, 0x9c, 0xc8, 0xc9, 0xe8, 0xff};

    if (random_below(2) == 0) {
        code->wide = random_below(2) == 0;
        random_put(code, code->wide ? 0x48 : 0x40, 1);
    }
    code->opcode = RANDOM_PICK(opcodes);
    random_put(code, code->opcode, 1);
    switch (code->opcode) {
    case 0x68: /* PUSH imm32 */
        random_put(code, random_below(16), code->narrow && !code->wide ? 2 : 4);
        break;
    case 0xe8: /* CALL, to the INT3s behind */
        random_put(code, random_below(16), 4);
        break;
    case 0x6a: /* PUSH imm8 */
        random_put(code, 5, 1);
        break;
    case 0xc8: /* ENTER */
        random_put(code, 8 * random_below(4), 2);
        random_put(code, random_below(3) == 0 ? random_below(4) : 0, 1);
        break;
    case 0x8f: /* POP and PUSH of memory, by RDI */
    case 0xff:
        random_put(code, (code->opcode == 0xff ? 0x70 : 0x40) | 7, 1);
        random_put(code, random_below(128), 1);
        break;
    default:
        break;
    }
}

/* What a form has behind its operand, after opcodes that have it. */
static inline unsigned random_immediate(const struct random_code *code, uint32_t reg)
{
    const unsigned number = code->narrow && !code->wide ? 2 : 4;

    switch (code->opcode) {
    case 0x69:
    case 0x81:
        return number;
    case 0x6b:
    case 0x80:
    case 0x83:
        return 1;
    case 0xc0:
    case 0xc1:
    case 0xc6:
        return 1;
    case 0xc7:
        return number;
    case 0xf6:
        return reg < 2 ? 1 : 0;
    case 0xf7:
        return reg < 2 ? number : 0;
    default:
        return 0;
    }
}

static inline void random_one_byte(struct random_code *code)
{
    static const uint8_t opcodes[] = {0x00, 0x01, 0x02, 0x03, 0x08, 0x09, 0x10, 0x11, 0x12, 0x13,
                                      0x18, 0x19, 0x1a, 0x1b, 0x20, 0x21, 0x28, 0x29, 0x30, 0x31,
                                      0x38, 0x39, 0x3a, 0x3b, 0x63, 0x69, 0x6b, 0x80, 0x81, 0x83,
                                      0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0xc0, 0xc1,
                                      0xc6, 0xc7, 0xd0, 0xd1, 0xd2, 0xd3, 0xf6, 0xf7, 0xfe, 0xff};
    uint32_t reg = random_below(8);

    if (random_below(2) == 0) {
        const uint32_t bits = random_below(16);
        code->wide = (bits & 8) != 0;
        random_put(code, 0x40 | bits, 1);
    }
    code->opcode = RANDOM_PICK(opcodes);
    random_put(code, code->opcode, 1);
    if (code->opcode == 0xc6 || code->opcode == 0xc7)
        reg = 0; /* others are no MOV */
    if (code->opcode == 0xff && reg >= 2 && reg <= 5)
        reg &= 1; /* INC or DEC: not a jump to what memory holds */
    random_operand(code, reg);
    random_put(code, random_next() & 0xffff, random_immediate(code, reg));
}

static inline void random_two_bytes(struct random_code *code)
{
    static const uint8_t opcodes[] = {0x10, 0x11, 0x12, 0x13, 0x16, 0x17, 0x28, 0x29, 0x2a, 0x2b,
                                      0x40, 0x45, 0x4f, 0x51, 0x58, 0x6e, 0x6f, 0x7e, 0x7f, 0x90,
                                      0x95, 0x9f, 0xa3, 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xae, 0xaf,
                                      0xb0, 0xb1, 0xb3, 0xb6, 0xb7, 0xba, 0xbb, 0xbc, 0xbd, 0xbe,
                                      0xbf, 0xc0, 0xc1, 0xc3, 0xc7, 0xd6, 0xe7};
    const uint8_t opcode = RANDOM_PICK(opcodes);
    const bool names_bit = opcode == 0xa3 || opcode == 0xab || opcode == 0xb3 || opcode == 0xbb;
    uint32_t reg = random_below(8);

    if (random_below(2) == 0)
        random_put(code, 0x40 | (names_bit ? random_below(4) & 8 : random_below(16)), 1);
    code->two_bytes = true;
    code->opcode = opcode;
    random_put(code, 0x0f, 1);
    random_put(code, opcode, 1);
    if (names_bit || opcode == 0xc7)
        reg = 1; /* RCX, whose value is small; CMPXCHG8B */
    if (opcode == 0xae && (reg == 1 || reg == 2 || reg == 5))
        reg = 0; /* FXSAVE: no state is loaded from memory */
    random_operand(code, reg);
    random_put(code, random_below(64), opcode == 0xa4 || opcode == 0xac || opcode == 0xba ? 1 : 0);
}

/* Bytes behind the instruction are INT3. */
static inline struct random_code random_instruction(void)
{
    const uint32_t chance = random_below(10);
    struct random_code code = {.count = 0};

    memset(code.bytes, 0xcc, sizeof code.bytes);
    const enum random_kind kind = chance == 0   ? RANDOM_STRING
                                  : chance == 1 ? RANDOM_STACK
                                  : chance < 6  ? RANDOM_ONE_BYTE
                                                : RANDOM_TWO_BYTES;
    random_prefixes(&code, kind);
    switch (kind) {
    case RANDOM_STRING:
        random_string(&code);
        break;
    case RANDOM_STACK:
        random_stack(&code);
        break;
    case RANDOM_ONE_BYTE:
        random_one_byte(&code);
        break;
    case RANDOM_TWO_BYTES:
        random_two_bytes(&code);
        break;
    }
    return code;
}

#endif
