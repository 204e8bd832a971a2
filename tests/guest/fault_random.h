/* SPDX-License-Identifier: MIT
 * Random instructions on pages of a window that are mapped, read-only or not mapped: where one ends
 * with #GP, all registers are as they were before it. */
#ifndef HOLDFAST_TEST_FAULT_RANDOM_H
#define HOLDFAST_TEST_FAULT_RANDOM_H

#include "holdfast/guest.h"
#include "random_code.h"
#include "random_run.h"

#define TAG       0x54455354u
#define VECTOR_GP 13u
#define PAGE      4096u
#define CARRY     1u
#define DOWN      0x400u
#define STATUS    0x8d5u /* the flags that arithmetic sets */

#define PAGES     16u
#define READ_ONLY 4u
#define WRITABLE  8u

struct scene {
    struct hf_window window;
    uint8_t *arena;
    uint8_t *code;
    uint8_t *ram; /* three pages: two that the window shows, one for a stack */
    uint64_t faults;
    bool user;
};

static inline int scene_prepare(struct scene *scene, bool user)
{
    uint64_t cr4;

    scene->user = user;
    scene->code = nano_pages(2);
    scene->ram = nano_pages(3);
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(PAGES * PAGE, TAG, 0, 0, &scene->window), HF_OK);
    const struct hf_extent first = {(uintptr_t)scene->ram / PAGE, 1, HF_RAM};
    const struct hf_extent second = {(uintptr_t)scene->ram / PAGE + 1, 1, HF_RAM};
    CHECK_EQUAL(hf_map(&scene->window, READ_ONLY, &first, 1, HF_MAP_READ_ONLY, NULL, NULL), HF_OK);
    CHECK_EQUAL(hf_map(&scene->window, WRITABLE, &second, 1, 0, NULL, NULL), HF_OK);
    scene->arena = scene->window.address;
    /* The guest's own tables shall not be in the way of a store to the read-only page. */
    *nano_pte(scene->arena + READ_ONLY * PAGE) |= 2;
    __asm__ volatile("invlpg (%0)" : : "r"(scene->arena + READ_ONLY * PAGE) : "memory");
    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | 3u << 9)); /* SSE */
    run_prepare(user);
    return 0;
}

/* An address on or near one of the pages, often at its end. */
static inline uint64_t random_target(const struct scene *scene)
{
    static const uint8_t pages[] = {0, READ_ONLY - 1, READ_ONLY, WRITABLE, WRITABLE + 1};

    return (uintptr_t)scene->arena + RANDOM_PICK(pages) * (uint64_t)PAGE +
           (random_below(4) == 0 ? PAGE - random_below(8) : random_below(3900));
}

static inline void random_registers(const struct scene *scene, const struct random_code *code)
{
    const uint64_t target = random_target(scene);
    const uint64_t elsewhere = (uintptr_t)scene->ram + 2 * PAGE + 2048;
    uint8_t *rip = scene->code + (random_below(3) == 0 ? PAGE - sizeof code->bytes / 2 : 16);

    memcpy(rip, code->bytes, sizeof code->bytes);
    for (unsigned i = RUN_RAX; i <= RUN_R15; i++)
        run_registers[i] = random_below(2) == 0 ? random_next() : random_below(100);
    run_registers[RUN_RDI] = target;
    run_registers[RUN_RSI] = random_below(2) == 0 ? target : elsewhere - random_below(1000);
    run_registers[RUN_RSP] = random_below(3) == 0 ? target + 64 : elsewhere;
    run_registers[RUN_RBP] = random_below(3) == 0 ? target : elsewhere;
    run_registers[RUN_RCX] = random_below(5);
    /* A prefix makes these of the others. */
    run_registers[RUN_R9] = run_registers[RUN_RCX];
    run_registers[RUN_R12] = run_registers[RUN_RSP];
    run_registers[RUN_R14] = run_registers[RUN_RSI];
    run_registers[RUN_R15] = run_registers[RUN_RDI];
    run_registers[RUN_FLAGS] = 2 | (random_next() & STATUS) | (random_below(6) == 0 ? DOWN : 0);
    run_registers[RUN_RIP] = (uintptr_t)rip;
}

/* QEMU's emulated processor sets the carry of RCL and RCR before it finds that it may not store. */
static inline bool loses_carry(const struct random_code *code)
{
    const uint32_t qemu_tcg = 0x60fb1; /* what its processor says that it is */
    uint32_t out[4];

    cpuid(1, 0, out);
    return out[0] == qemu_tcg && !code->two_bytes &&
           (code->opcode == 0xc0 || code->opcode == 0xc1 ||
            (code->opcode >= 0xd0 && code->opcode <= 0xd3));
}

static inline bool compares(const struct random_code *code)
{
    return code->two_bytes && !code->locked &&
           (code->opcode == 0xb0 || code->opcode == 0xb1 || code->opcode == 0xc7);
}

static inline bool leaves_frame(const struct random_code *code)
{
    return !code->two_bytes && code->opcode == 0xc9;
}

static inline bool exchanges_and_adds(const struct random_code *code)
{
    return code->two_bytes && !code->locked && code->opcode == 0xc1 && !code->wide && !code->narrow;
}

/* Bits of a register that may differ, and why. */
static inline uint64_t may_differ(const struct scene *scene, const struct random_code *code,
                                  unsigned name)
{
    const bool emulated = !scene->user;

    /* What instructions set is not looked at, but for these. */
    if (name == RUN_FLAGS)
        return emulated || loses_carry(code) ? ~(uint64_t)DOWN : ~(uint64_t)(CARRY | DOWN);
    /* Its rounds before the fault have been made; those of LODS have loaded RAX. */
    if (code->repeated)
        return name == RUN_RCX || name == RUN_RSI || name == RUN_RDI ||
                       (name == RUN_RAX && (code->opcode | 1) == 0xad)
                   ? ~0ull
                   : 0;
    /* Where KVM emulates ring 0, it tells of an access when the instruction is half done or over.
     * What was in a register then that the instruction only writes is gone: what CMPXCHG has not
     * found, flags, the stack pointer before LEAVE, the upper half of a register of which XADD
     * uses the lower. Run again, the instruction does the same. */
    if (emulated && compares(code))
        return name == RUN_RAX || name == RUN_RDX ? ~0ull : 0;
    if (emulated && leaves_frame(code))
        return name == RUN_RSP ? ~0ull : 0;
    return emulated && exchanges_and_adds(code) && name != RUN_RIP ? ~0ull << 32 : 0;
}

static inline void print_code(const struct random_code *code)
{
    for (unsigned i = 0; i < code->count; i++)
        hf_printf(" %02x", code->bytes[i]);
    hf_printf(":");
}

/* 1 if it ended with #GP and another state than it began with. */
static inline int random_fault_differs(struct scene *scene)
{
    const struct random_code code = random_instruction();
    uint64_t before[RUN_REGISTERS];
    uint64_t differ = 0;

    random_registers(scene, &code);
    memcpy(before, run_registers, sizeof before);
    run_one();
    /* From behind the instruction: a #GP of the INT3s that follow, or of where a call has led. */
    if (run_vector != VECTOR_GP || run_registers[RUN_RIP] - before[RUN_RIP] >= code.count)
        return 0;
    scene->faults++;
    for (unsigned i = 0; i < RUN_REGISTERS; i++)
        if (((before[i] ^ run_registers[i]) & ~may_differ(scene, &code, i)) != 0)
            differ |= 1ull << i;
    if (differ == 0)
        return 0;
    print_code(&code);
    for (unsigned i = 0; i < RUN_REGISTERS; i++)
        if ((differ >> i & 1) != 0)
            hf_printf(" %s 0x%lx, was 0x%lx", run_names[i], run_registers[i], before[i]);
    hf_printf("\n");
    return 1;
}

/* How many of them differed. */
static inline int random_faults_differ(struct scene *scene, uint64_t seed, unsigned count)
{
    int wrong = 0;

    random_start(seed);
    for (unsigned i = 0; i < count; i++)
        wrong += random_fault_differs(scene);
    if (wrong > 0)
        hf_printf("seed %lu: %d wrong\n", seed, wrong);
    return wrong;
}

#endif
