/* SPDX-License-Identifier: MIT
 * A handler that maps the page and returns has the instruction run as if it had never failed: its
 * registers, flags and memory end as they do on a page that is there. Ring 0, where KVM may emulate
 * the instruction and have done half of it when it finds out. */
#include "gp_entry.h"
#include "holdfast/guest.h"
#include "repeated_forms.h"

#define TAG 0x54455354u

#define CARRY 1u
#define ZERO  0x40u
#define DOWN  0x400u

static struct hf_window window;
static struct hf_extent pages;
static uint64_t *ram;
static unsigned repairs;

void repair(void);
void repair_entry(void);
__asm__(".text\n"
        "repair_entry:\n"
        "add $8, %rsp; cld\n"
        "push %rax; push %rcx; push %rdx; push %rbx; push %rbp; push %rsi; push %rdi\n"
        "push %r8; push %r9; push %r10; push %r11\n"
        "sub $8, %rsp; call repair; add $8, %rsp\n"
        "pop %r11; pop %r10; pop %r9; pop %r8\n"
        "pop %rdi; pop %rsi; pop %rbp; pop %rbx; pop %rdx; pop %rcx; pop %rax\n"
        "iretq\n");

static void map(uint32_t flags)
{
    hf_unmap(&window, 0, 2);
    if (hf_map(&window, 0, &pages, 1, flags, NULL, NULL) != HF_OK)
        hf_printf("map failed\n");
    /* The guest's own tables shall not be in the way. */
    for (uint64_t i = 0; i < 2; i++) {
        *nano_pte((char *)window.address + i * 4096) |= 2;
        __asm__ volatile("invlpg (%0)" : : "r"((char *)window.address + i * 4096) : "memory");
    }
}

void repair(void)
{
    if (++repairs > 8)
        nano_exit(77);
    map(0);
}

static uint64_t source[64];

/* The words that some form stores to, or near them: the start of each page. */
#define WORDS 128u
static uint64_t *word(uint64_t number)
{
    return ram + number % 64 + number / 64 * 512;
}

static struct state start(uint64_t flags, bool on_stack)
{
    const struct state state = {
        .rax = 0x1122334455667788,
        .rbx = 0x99aabbccddeeff10,
        .rcx = 4,
        .rdx = 0x0102030405060708,
        .rsi = (uintptr_t)(source + 8),
        .rdi = (uintptr_t)window.address + 64,
        .rbp = (uintptr_t)(source + 32),
        .rsp = on_stack ? (uintptr_t)window.address + 256 : (uintptr_t)(source + 48),
        .flags = 2 | flags,
    };
    for (uint64_t i = 0; i < WORDS; i++)
        *word(i) = 0xf0e1d2c3b4a59687 + i * 0x0123456789abcdef;
    for (uint64_t i = 0; i < 64; i++)
        source[i] = ram[i];
    return state;
}

static uint64_t sum(void)
{
    uint64_t result = 0;

    for (uint64_t i = 0; i < WORDS; i++)
        result = (result << 7 | result >> 57) ^ *word(i);
    return result;
}

/* A comparison with another value: what that value was, the other flags tell a little of. */
static void forget_other_flags(const struct form *form, struct state *state)
{
    if (form->run == form_cmpxchg_other || form->run == form_cmpxchg_other32 ||
        form->run == form_cmpxchg_other8)
        state->flags &= ZERO;
}

#define QEMU_TCG 0x60fb1u /* what its processor says that it is */

/* QEMU's emulated processor sets the carry before it finds that it may not store. */
static bool is_known_to_differ(const struct form *form, bool read_only)
{
    uint32_t signature, ebx, ecx, edx;

    __asm__ volatile("cpuid" : "=a"(signature), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(1u), "c"(0));
    return read_only && signature == QEMU_TCG && (form->run == form_rcl || form->run == form_rcr);
}

static int differs(const struct form *form, uint64_t flags, bool on_stack, bool read_only)
{
    struct state wanted = start(flags, on_stack);
    map(0);
    form->run(&wanted);
    const uint64_t wanted_sum = sum();

    struct state got = start(flags, on_stack);
    hf_unmap(&window, 0, 2);
    if (read_only)
        map(HF_MAP_READ_ONLY);
    repairs = 0;
    form->run(&got);
    const uint64_t got_sum = sum();
    forget_other_flags(form, &wanted);
    forget_other_flags(form, &got);
    if (memcmp(&wanted, &got, sizeof got) == 0 && wanted_sum == got_sum && repairs > 0)
        return 0;
    if (is_known_to_differ(form, read_only))
        return 0;
    hf_printf("%s%s, flags 0x%lx: after %u faults memory is %s\n", form->name,
              read_only ? " (read-only)" : "", flags, repairs,
              got_sum == wanted_sum ? "right" : "WRONG");
    static const char *const names[] = {"rax", "rbx", "rcx", "rdx",  "rsi",
                                        "rdi", "rbp", "rsp", "flags"};
    for (size_t i = 0; i < 9; i++)
        if (((uint64_t *)&wanted)[i] != ((uint64_t *)&got)[i])
            hf_printf("    %s 0x%lx, wanted 0x%lx\n", names[i], ((uint64_t *)&got)[i],
                      ((uint64_t *)&wanted)[i]);
    return 1;
}

int guest_main(void)
{
    int wrong = 0;

    ram = nano_pages(2);
    pages = (struct hf_extent){(uintptr_t)ram >> HF_PAGE_SHIFT, 2, HF_RAM};
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    gp_goes_to(repair_entry);
    for (unsigned round = 0; round < 4; round++) {
        const uint64_t flags = (round & 1) != 0 ? CARRY | DOWN : 0;
        for (size_t i = 0; i < COUNT(forms); i++)
            wrong += differs(&forms[i], flags, false, (round & 2) != 0);
        for (size_t i = 0; i < COUNT(stack_forms); i++)
            wrong += differs(&stack_forms[i], flags, true, (round & 2) != 0);
    }
    CHECK_EQUAL(wrong, 0);
    return 0;
}
