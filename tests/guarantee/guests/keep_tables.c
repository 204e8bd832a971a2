/* SPDX-License-Identifier: MIT
 * Does what it is told by single letters from the console, and
 * says each time what it has done. m: unmaps what is mapped, maps isolated pages in each of two
 * pieces of 2 MiB, and looks at them. l: looks at them. r: reserves one more window, of as many
 * pieces as the command line says, and touches no page for the first time. t: touches 16 pages of
 * RAM for the first time. s: changes what a guest may change of its paging and memory types, and
 * changes it back. q: ends. */
#include "guest/nano/cpu.h"
#include "holdfast/guest.h"

#define TAG     0x5045454bu /* "KEEP" */
#define PIECE   512u        /* pages */
#define PIECES  2u
#define PAGES   64u /* mapped in each piece */
#define TOUCHES 16u

#define MSR_MTRR_DEFAULT 0x2ffu
#define MSR_MTRR_BASE    0x200u /* of the first variable range; its mask is the next */
#define MSR_PAT          0x277u
#define MSR_EFER         0xc0000080u

static struct hf_extent list[PAGES];
static struct hf_window window;
static uint64_t *sources; /* every second page is mapped, so that no two are neighbours */
static uint64_t maps, looks, refused, wrong, reserved, touched, changes;
static uint64_t ram_at;
static union {
    struct hf_reserve reserve;
    uint8_t page[HF_PAGE_SIZE];
} arguments __attribute__((aligned(4096)));

static void map_piece(uint32_t piece)
{
    const uint64_t at = (uint64_t)piece * PIECE;
    void *address;

    if (maps > 0)
        refused += hf_unmap(&window, at, PAGES) != HF_OK;
    refused += hf_map(&window, at, list, PAGES, 0, NULL, &address) != HF_OK;
}

static void compare(void)
{
    const volatile uint64_t *seen = window.address;

    for (uint32_t i = 0; i < PIECES * PAGES; i++)
        wrong +=
            seen[(i / PAGES * PIECE + i % PAGES) * (HF_PAGE_SIZE / 8)] != list[i % PAGES].first;
}

static void look(void)
{
    compare();
    looks++;
    hf_printf("looks %lu refused %lu wrong %lu\n", looks, refused, wrong);
}

static void map(void)
{
    for (uint32_t piece = 0; piece < PIECES; piece++)
        map_piece(piece);
    maps++;
    compare();
    hf_printf("maps %lu refused %lu wrong %lu\n", maps, refused, wrong);
}

/* By the bare call: the library would touch a page of RAM, for the guest's table of the window. */
static void reserve(uint64_t pieces)
{
    arguments.reserve =
        (struct hf_reserve){.bytes = pieces * PIECE * HF_PAGE_SIZE, .tag = TAG, .max_extents = 1};
    if (hf_call(HF_CALL_RESERVE, &arguments) == HF_OK)
        reserved++;
    hf_printf("reserved %lu\n", reserved);
}

static void touch(void)
{
    for (uint32_t i = 0; i < TOUCHES; i++, ram_at += HF_PAGE_SIZE)
        *(volatile char *)ram_at = 1; /* NOLINT(performance-no-int-to-ptr) */
    touched++;
    hf_printf("touched %lu\n", touched);
}

static uint64_t read_cr0(void)
{
    uint64_t value;

    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static void write_cr0(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static void toggle_cr0(uint64_t bit)
{
    const uint64_t before = read_cr0();

    write_cr0(before ^ bit);
    write_cr0(before);
}

static void toggle_cr4(uint64_t bit)
{
    uint64_t before;

    __asm__ volatile("mov %%cr4, %0" : "=r"(before));
    __asm__ volatile("mov %0, %%cr4" : : "r"(before ^ bit) : "memory");
    __asm__ volatile("mov %0, %%cr4" : : "r"(before) : "memory");
}

static void toggle_msr(uint32_t msr, uint64_t bits)
{
    const uint64_t before = read_msr(msr);

    write_msr(msr, before ^ bits);
    write_msr(msr, before);
}

/* Write protection, cache disabled, global pages, no-execute: each decides how KVM translates. */
static void change_state(void)
{
    toggle_cr0(1ull << 16);
    write_cr0(read_cr0() | 1ull << 30);
    write_cr0(read_cr0() & ~(1ull << 30));
    toggle_cr4(1ull << 7);
    toggle_msr(MSR_EFER, 1ull << 11);
    toggle_msr(MSR_PAT, 7ull << 8);
    toggle_msr(MSR_MTRR_DEFAULT, 6);
    toggle_msr(MSR_MTRR_DEFAULT, 1ull << 11);
    write_msr(MSR_MTRR_BASE, window.base.value);
    write_msr(MSR_MTRR_BASE + 1, 0xfffe00000ull | 1ull << 11);
    write_msr(MSR_MTRR_BASE + 1, 0);
    changes++;
    hf_printf("changed %lu\n", changes);
}

static int prepare(void)
{
    CHECK_EQUAL(hf_init(), HF_OK);
    sources = nano_pages(2 * PAGES);
    CHECK(sources != NULL);
    for (uint32_t i = 0; i < PAGES; i++) {
        sources[2 * i * (HF_PAGE_SIZE / 8)] = (uintptr_t)sources / HF_PAGE_SIZE + 2 * i;
        list[i] = (struct hf_extent){(uintptr_t)sources / HF_PAGE_SIZE + 2 * i, 1, HF_RAM};
    }
    ram_at = nano_ram_end() / 2 + HF_PAGE_SIZE; /* behind what the guest itself has used */
    CHECK_EQUAL(hf_reserve(PIECES * PIECE * HF_PAGE_SIZE, TAG, 0, PIECES * PAGES, &window), HF_OK);
    return 0;
}

static void obey(char letter, uint64_t pieces)
{
    if (letter == 'm')
        map();
    else if (letter == 'l')
        look();
    else if (letter == 'r')
        reserve(pieces);
    else if (letter == 't')
        touch();
    else if (letter == 's')
        change_state();
}

int guest_main(void)
{
    const char *text = nano_command_line();
    uint64_t pieces = 0;
    char letter;

    for (; *text >= '0' && *text <= '9'; text++)
        pieces = pieces * 10 + (uint64_t)(*text - '0');
    if (prepare() != 0)
        return 1;
    hf_printf("ready\n");
    while ((letter = (char)nano_wait_for_byte()) != 'q')
        obey(letter, pieces);
    return refused != 0 || wrong != 0;
}
