/* SPDX-License-Identifier: MIT
 * Instructions that touch memory, each in a function of its own with the instruction's place
 * known: void fault_NAME(void *address), extern const char fault_NAME_rip[]. */
#ifndef HOLDFAST_TEST_FAULT_FORMS_H
#define HOLDFAST_TEST_FAULT_FORMS_H

#include "nano.h"

/* before: instructions that set up; the one under test stands alone; after: what cleans up. RDI
 * holds the address. */
#define FAULT_FORM(name, before, instruction, after)                                               \
    void fault_##name(void *address);                                                              \
    extern const char fault_##name##_rip[];                                                        \
    __asm__(".text\n"                                                                              \
            ".globl fault_" #name ", fault_" #name "_rip\n"                                        \
            "fault_" #name ":\n" before "\n"                                                       \
            "fault_" #name "_rip:\n" instruction "\n" after "\n"                                   \
            "ret\n")

struct fault_form {
    const char *name;
    void (*function)(void *);
    const char *rip;
};

#define FAULT_ROW(name)                                                                            \
    {                                                                                              \
#name, fault_##name, fault_##name##_rip                                                    \
    }

/* Runs each form on the address and checks that it ends with #GP(0) at the instruction. Returns
 * how many did not. */
static inline int fault_forms_check(const struct fault_form *forms, size_t count, void *address,
                                    bool user)
{
    int wrong = 0;

    for (size_t i = 0; i < count; i++) {
        struct nano_exception it = {0};
        const bool returned = user ? nano_try_user(forms[i].function, address, &it)
                                   : nano_try(forms[i].function, address, &it);
        if (!returned && it.vector == 13 && it.error_code == 0 && it.rip == (uintptr_t)forms[i].rip)
            continue;
        hf_printf("%s: returned %d, vector %lu, error code 0x%lx, rip 0x%lx, wanted 0x%lx\n",
                  forms[i].name, returned, it.vector, it.error_code, it.rip,
                  (uintptr_t)forms[i].rip);
        wrong++;
    }
    return wrong;
}

#endif
