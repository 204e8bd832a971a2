/* SPDX-License-Identifier: MIT
 * A KeBugCheckEx() that records and returns, so that a guest can commit a misuse, see which code
 * it has, and then see that nothing has changed. To be included once in a guest. */
#ifndef HOLDFAST_TESTS_WDM_RECORDER_H
#define HOLDFAST_TESTS_WDM_RECORDER_H

#include "holdfast/wdm.h"

#include <stdbool.h>

static struct {
    unsigned count;
    ULONG code;
    ULONG_PTR parameter[4];
} recorded;

VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
                  ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4)
{
    recorded.count++;
    recorded.code = BugCheckCode;
    recorded.parameter[0] = BugCheckParameter1;
    recorded.parameter[1] = BugCheckParameter2;
    recorded.parameter[2] = BugCheckParameter3;
    recorded.parameter[3] = BugCheckParameter4;
}

/* Whether exactly one bug check came since the last question, with this code and parameters. */
static inline bool stopped(ULONG code, ULONG_PTR first, ULONG_PTR second, ULONG_PTR third,
                           ULONG_PTR fourth)
{
    bool same = recorded.count == 1 && recorded.code == code && recorded.parameter[0] == first &&
                recorded.parameter[1] == second && recorded.parameter[2] == third &&
                recorded.parameter[3] == fourth;

    recorded.count = 0;
    return same;
}

static inline bool misused(ULONG_PTR code, PVOID address, ULONG_PTR third, ULONG_PTR fourth)
{
    return stopped(SYSTEM_PTE_MISUSE, code, (ULONG_PTR)address, third, fourth);
}

#endif
