/* SPDX-License-Identifier: MIT
 * The WDK's macros for memory, structures and assertions, and what stands in for structured
 * exception handling. */
#ifndef HOLDFAST_WDM_RUNTIME_H
#define HOLDFAST_WDM_RUNTIME_H

#include "holdfast/wdm/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define UNREFERENCED_PARAMETER(P)               ((void)(P))
#define DBG_UNREFERENCED_PARAMETER(P)           ((void)(P))
#define ARGUMENT_PRESENT(P)                     ((P) != NULL)
#define C_ASSERT(e)                             HF_STATIC_ASSERT(e, #e)
#define FIELD_OFFSET(type, field)               ((LONG)offsetof(type, field))
#define RTL_FIELD_SIZE(type, field)             (sizeof(((type *)0)->field))
#define RTL_NUMBER_OF(array)                    (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array)                        RTL_NUMBER_OF(array)
#define CONTAINING_RECORD(address, type, field) ((type *)((PCHAR)(address)-offsetof(type, field)))

#define RtlZeroMemory(Destination, Length)       __builtin_memset((Destination), 0, (Length))
#define RtlFillMemory(Destination, Length, Fill) __builtin_memset((Destination), (Fill), (Length))
#define RtlCopyMemory(Destination, Source, Length)                                                 \
    __builtin_memcpy((Destination), (Source), (Length))
#define RtlMoveMemory(Destination, Source, Length)                                                 \
    __builtin_memmove((Destination), (Source), (Length))
#define RtlEqualMemory(Destination, Source, Length)                                                \
    (__builtin_memcmp((Destination), (Source), (Length)) == 0)

/* How many bytes are equal before the first that differs. */
static inline SIZE_T RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
    const UCHAR *first = (const UCHAR *)Source1;
    const UCHAR *second = (const UCHAR *)Source2;
    SIZE_T equal = 0;

    while (equal < Length && first[equal] == second[equal])
        equal++;
    return equal;
}

/* With DBG set to 1, as in a checked build, a failed assertion ends the machine. */
VOID RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PSTR Message);

#if defined(DBG) && DBG
#define ASSERT(e)                                                                                  \
    ((e) ? (void)0 : RtlAssert((PVOID)(uintptr_t) #e, (PVOID)(uintptr_t)__FILE__, __LINE__, NULL))
#define KdPrint(arguments) DbgPrint arguments
#else
#define ASSERT(e)          ((void)0)
#define KdPrint(arguments) ((void)0)
#endif
#define NT_ASSERT(e)    ASSERT(e)
#define ASSERTMSG(m, e) ASSERT(e)
#define PAGED_CODE()    ((void)0)

/* The guest's kernel supplies it (nano does); the library does not call it. */
ULONG DbgPrint(PCSTR Format, ...);

/* Nothing raises an exception here: where Windows would raise one, the routine calls
 * KeBugCheckEx(). So the guarded block runs and the handler does not. C only, because C++
 * libraries use the name __try themselves. */
#ifndef __cplusplus
#define __try if (1)
/* clang-format off */
#define __except(filter) else if (0 && (filter))
/* clang-format on */
#define __finally
#define GetExceptionCode() STATUS_ACCESS_VIOLATION
#endif
#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#ifdef __cplusplus
}
#endif

#endif
