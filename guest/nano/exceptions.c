/* SPDX-License-Identifier: MIT
 * Exceptions: reported, or caught by nano_try(). */
#include "cpu.h"

struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector, error_code;
    uint64_t rip, cs, rflags, rsp, ss;
};

struct gate {
    uint64_t low;
    uint64_t high;
};

extern const char nano_vectors[], nano_user_returned[];
#define VECTOR_STRIDE 16u

static struct gate idt[VECTORS] __attribute__((aligned(16)));

int nano_catch(struct catcher *catcher) __attribute__((returns_twice));
void nano_enter_user(void (*function)(void *), void *argument, void *stack_top);
void nano_trap(struct trap_frame *frame);

void nano_exceptions_init(void)
{
    for (uint32_t vector = 0; vector < VECTORS; vector++) {
        const uint64_t target = (uintptr_t)nano_vectors + vector * VECTOR_STRIDE;
        const uint64_t type = 0x8e; /* present, interrupt gate, for ring 0 */
        idt[vector].low = (target & 0xffff) | (uint64_t)SELECTOR_CODE << 16 | type << 40 |
                          (target >> 16 & 0xffff) << 48;
        idt[vector].high = target >> 32;
    }
}

void nano_exceptions_load(void)
{
    const struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } table = {sizeof idt - 1, (uintptr_t)idt};

    __asm__ volatile("lidt %0" : : "m"(table));
}

static struct nano_exception describe(const struct trap_frame *frame)
{
    struct nano_exception exception = {
        .vector = frame->vector,
        .error_code = frame->error_code,
        .rip = frame->rip,
        .rsp = frame->rsp,
        .rflags = frame->rflags,
        .cs = frame->cs,
    };

    __asm__("mov %%cr2, %0" : "=r"(exception.cr2));
    return exception;
}

/* Makes the trap return into nano_catch()'s caller, with a result of 1 or 2. */
static void go_to_catcher(struct trap_frame *frame, const struct catcher *catcher, uint64_t result)
{
    frame->rip = catcher->rip;
    frame->rsp = catcher->rsp;
    frame->rbx = catcher->rbx;
    frame->rbp = catcher->rbp;
    frame->r12 = catcher->r12;
    frame->r13 = catcher->r13;
    frame->r14 = catcher->r14;
    frame->r15 = catcher->r15;
    frame->rax = result;
    frame->cs = SELECTOR_CODE;
    frame->ss = SELECTOR_DATA;
    frame->rflags = catcher->rflags;
}

enum { CAUGHT = 1, RETURNED = 2 };

static void report_and_exit(const struct trap_frame *frame)
{
    const struct nano_exception it = describe(frame);

    hf_printf("exception %llu on CPU %u: rip 0x%llx, error code 0x%llx, cr2 0x%llx, cs 0x%llx, "
              "rsp 0x%llx\n",
              (unsigned long long)it.vector, nano_cpu(), (unsigned long long)it.rip,
              (unsigned long long)it.error_code, (unsigned long long)it.cr2,
              (unsigned long long)it.cs, (unsigned long long)it.rsp);
    nano_exit(NANO_EXIT_EXCEPTION);
}

void nano_trap(struct trap_frame *frame)
{
    struct cpu *cpu = this_cpu();

    if (frame->vector == VECTOR_WORK) {
        nano_end_of_interrupt();
    } else if (frame->vector >= VECTOR_LINES) {
        nano_line_raised((uint32_t)frame->vector - VECTOR_LINES);
    } else if (frame->vector == VECTOR_NMI) {
        nano_serve_flushes();
    } else if (frame->rip == (uintptr_t)nano_user_returned && cpu->catcher != NULL) {
        go_to_catcher(frame, cpu->catcher, RETURNED);
    } else if (cpu->catcher != NULL) {
        if (cpu->catcher->report != NULL)
            *cpu->catcher->report = describe(frame);
        go_to_catcher(frame, cpu->catcher, CAUGHT);
    } else {
        report_and_exit(frame);
    }
}

static uint64_t flags_now(void)
{
    uint64_t flags;

    __asm__ volatile("pushfq; popq %0" : "=r"(flags));
    return flags;
}

bool nano_try(void (*function)(void *), void *argument, struct nano_exception *exception)
{
    struct cpu *cpu = this_cpu();
    struct catcher catcher = {.outer = cpu->catcher, .rflags = flags_now(), .report = exception};
    const int result = nano_catch(&catcher);

    if (result == 0) {
        cpu->catcher = &catcher;
        function(argument);
    }
    this_cpu()->catcher = catcher.outer;
    return result == 0;
}

bool nano_try_user(void (*function)(void *), void *argument, struct nano_exception *exception)
{
    struct cpu *cpu = this_cpu();
    struct catcher catcher = {.outer = cpu->catcher, .rflags = flags_now(), .report = exception};

    if (cpu->user_stack == NULL)
        cpu->user_stack = nano_pages(STACK_PAGES);
    if (cpu->user_stack == NULL) {
        hf_printf("no memory for a stack in ring 3\n");
        nano_exit(255);
    }
    const int result = nano_catch(&catcher);
    if (result == 0) {
        cpu->catcher = &catcher;
        nano_enter_user(function, argument, cpu->user_stack + STACK_PAGES * 4096);
    }
    this_cpu()->catcher = catcher.outer;
    return result == RETURNED;
}
