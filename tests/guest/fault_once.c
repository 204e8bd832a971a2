/* SPDX-License-Identifier: MIT
 * An access to a window where nothing is mapped, and a store to a page that is mapped read-only,
 * are one fault each: one #GP, one in the window's statistics, at the instruction itself; every
 * register and flag is as it was before. So it is for a read, a write, both in one, and for the
 * fetch of an instruction. */
/* log: the instruction at 0x[0-9a-f]+ touches guest-physical */
#include "gp_entry.h"
#include "raw_calls.h"

#define NUMBERS      15u    /* all general registers but RSP */
#define FLAGS        0xcd7u /* those that instructions set or use, all set but the trap flag */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Known to the assembly below by these names. */
struct state {
    uint64_t numbers[NUMBERS]; /* rax rbx rcx rdx rsi rdi rbp r8 ... r15 */
    uint64_t flags;
};
struct state once_before, once_after;
uint64_t once_stack, once_rip, once_error_code, once_count;

void once_run(const void *code);
void once_entry(void);
__asm__(".text\n"
        "once_run:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "mov %rsp, once_stack(%rip)\n"
        "push %rdi\n"
        "pushq once_before+120(%rip); popfq\n"
        "lea once_before(%rip), %rax\n"
        "mov 8(%rax), %rbx; mov 16(%rax), %rcx; mov 24(%rax), %rdx; mov 32(%rax), %rsi\n"
        "mov 40(%rax), %rdi; mov 48(%rax), %rbp; mov 56(%rax), %r8; mov 64(%rax), %r9\n"
        "mov 72(%rax), %r10; mov 80(%rax), %r11; mov 88(%rax), %r12; mov 96(%rax), %r13\n"
        "mov 104(%rax), %r14; mov 112(%rax), %r15; mov (%rax), %rax\n"
        "ret\n"
        /* What did not fault comes here. */
        "once_done:\n"
        "cld; mov once_stack(%rip), %rsp\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n"
        "once_entry:\n"
        "mov %rax, once_after(%rip); lea once_after(%rip), %rax\n"
        "mov %rbx, 8(%rax); mov %rcx, 16(%rax); mov %rdx, 24(%rax); mov %rsi, 32(%rax)\n"
        "mov %rdi, 40(%rax); mov %rbp, 48(%rax); mov %r8, 56(%rax); mov %r9, 64(%rax)\n"
        "mov %r10, 72(%rax); mov %r11, 80(%rax); mov %r12, 88(%rax); mov %r13, 96(%rax)\n"
        "mov %r14, 104(%rax); mov %r15, 112(%rax)\n"
        "popq once_error_code(%rip); popq once_rip(%rip)\n"
        "add $8, %rsp; popq 120(%rax)\n"
        "incq once_count(%rip)\n"
        "jmp once_done\n");

#define FORM(name, instruction)                                                                    \
    extern const char form_##name[];                                                               \
    __asm__(".text\nform_" #name ": " instruction "; jmp once_done\n")

FORM(read, "mov (%rdi), %rax");
FORM(read_byte, "mov (%rdi), %bh");
FORM(write, "mov %rax, (%rdi)");
FORM(write_byte, "movb $1, (%rdi)");
FORM(invert, "notq (%rdi)");
FORM(locked, "lock xadd %rbx, (%rdi)");
FORM(exchange, "xchg %rcx, (%rdi)");
FORM(jump, "jmp *%rdi");

struct form {
    const char *name, *code;
    bool stores, elsewhere; /* elsewhere: the fault is where it jumps to */
};
static const struct form forms[] = {
    {"read", form_read, false, false},        {"read_byte", form_read_byte, false, false},
    {"write", form_write, true, false},       {"write_byte", form_write_byte, true, false},
    {"invert", form_invert, true, false},     {"locked", form_locked, true, false},
    {"exchange", form_exchange, true, false}, {"jump", form_jump, false, true},
};

static struct hf_window window;

static uint64_t faults(void)
{
    struct hf_stat stat;

    return hf_stat(&window, &stat) == HF_OK ? stat.faults : UINT64_MAX;
}

/* How the page's own table is, is not to be in the way of a store. */
static bool faults_once(const struct form *form, uint64_t page)
{
    uint8_t *at = (uint8_t *)window.address + page * 4096;
    const uint64_t before = faults();

    *nano_pte(at) |= 2;
    __asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
    for (uint64_t i = 0; i < NUMBERS; i++)
        once_before.numbers[i] = 0x1122334455667788ull * (i + 1);
    once_before.numbers[5] = (uintptr_t)at + 8;
    once_before.flags = FLAGS;
    once_count = 0;
    memset(&once_after, 0, sizeof once_after);
    once_run(form->code);
    /* The resume flag is set for faults. */
    once_after.flags &= ~0x10000ull;
    const uint64_t rip = form->elsewhere ? (uintptr_t)at + 8 : (uintptr_t)form->code;
    if (once_count == 1 && faults() == before + 1 && once_rip == rip && once_error_code == 0 &&
        memcmp(&once_before, &once_after, sizeof once_after) == 0)
        return true;
    hf_printf("%s: %lu exceptions, %lu faults, rip 0x%lx, wanted 0x%lx, flags 0x%lx\n", form->name,
              once_count, faults() - before, once_rip, rip, once_after.flags);
    return false;
}

int guest_main(void)
{
    uint8_t *ram = nano_pages(1);
    const struct hf_extent list = {page_of(ram), 1, HF_RAM};
    int wrong = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, HF_MAP_READ_ONLY, NULL, NULL), HF_OK);
    gp_goes_to(once_entry);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(forms); i++) {
            wrong += !faults_once(&forms[i], 1);
            if (forms[i].stores)
                wrong += !faults_once(&forms[i], 0);
        }
    }
    CHECK_EQUAL(wrong, 0);
    for (unsigned i = 0; i < 4096; i++)
        CHECK_EQUAL(ram[i], 0);
    return 0;
}
