/* SPDX-License-Identifier: MIT
 * The WDK's types, in the sizes they have in 64-bit Windows: LONG and ULONG are 32 bits. */
#ifndef HOLDFAST_WDM_TYPES_H
#define HOLDFAST_WDM_TYPES_H

#include "holdfast/abi.h"
#include "holdfast/wdm/annotations.h"

#include <stddef.h>
#include <stdint.h>

#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif

typedef void *PVOID, *LPVOID;
typedef const void *PCVOID, *LPCVOID;
typedef char CHAR, *PCHAR, *PSTR;
typedef const char *PCSTR;
typedef unsigned char UCHAR, *PUCHAR, BYTE, *PBYTE;
typedef short SHORT, *PSHORT, CSHORT;
typedef unsigned short USHORT, *PUSHORT, WORD;
typedef int INT, *PINT, LONG, *PLONG, BOOL;
typedef unsigned int UINT, *PUINT, ULONG, *PULONG, DWORD;
typedef long long LONGLONG, *PLONGLONG, LONG64, *PLONG64, INT64, LONG_PTR, *PLONG_PTR, INT_PTR;
typedef unsigned long long ULONGLONG, *PULONGLONG, ULONG64, *PULONG64, UINT64, ULONG_PTR,
    *PULONG_PTR, UINT_PTR, DWORD64;
typedef signed char INT8;
typedef UCHAR UINT8;
typedef SHORT INT16;
typedef USHORT UINT16;
typedef LONG INT32, LONG32;
typedef ULONG UINT32, ULONG32;
typedef ULONG_PTR SIZE_T, *PSIZE_T, KAFFINITY;
typedef LONG_PTR SSIZE_T;
typedef ULONG_PTR PFN_NUMBER, *PPFN_NUMBER;
typedef UCHAR BOOLEAN, *PBOOLEAN;
typedef uint16_t WCHAR, *PWCHAR, *PWSTR;
typedef const WCHAR *PCWSTR;
typedef PVOID HANDLE, *PHANDLE;
typedef UCHAR KIRQL, *PKIRQL;

HF_STATIC_ASSERT(sizeof(LONG) == 4 && sizeof(ULONG) == 4, "64-bit Windows has 32-bit longs");
HF_STATIC_ASSERT(sizeof(SIZE_T) == sizeof(void *), "64-bit only");

#define FALSE 0
#define TRUE  1

#define MAXUCHAR     0xffu
#define MAXUSHORT    0xffffu
#define MAXULONG     0xffffffffu
#define MAXLONG      0x7fffffff
#define MAXULONG_PTR (~(ULONG_PTR)0)
#define MAXULONGLONG (~(ULONGLONG)0)
#define MAXLONGLONG  0x7fffffffffffffffLL

typedef union _LARGE_INTEGER {
    __extension__ struct {
        ULONG LowPart;
        LONG HighPart;
    };
    struct {
        ULONG LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        ULONG LowPart;
        ULONG HighPart;
    };
    struct {
        ULONG LowPart;
        ULONG HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef LONG NTSTATUS, *PNTSTATUS;

#define NT_SUCCESS(Status)     ((NTSTATUS)(Status) >= 0)
#define NT_INFORMATION(Status) ((ULONG)(Status) >> 30 == 1)
#define NT_WARNING(Status)     ((ULONG)(Status) >> 30 == 2)
#define NT_ERROR(Status)       ((ULONG)(Status) >> 30 == 3)

#define STATUS_SUCCESS                ((NTSTATUS)0x00000000)
#define STATUS_PENDING                ((NTSTATUS)0x00000103)
#define STATUS_UNSUCCESSFUL           ((NTSTATUS)0xC0000001)
#define STATUS_NOT_IMPLEMENTED        ((NTSTATUS)0xC0000002)
#define STATUS_ACCESS_VIOLATION       ((NTSTATUS)0xC0000005)
#define STATUS_INVALID_PARAMETER      ((NTSTATUS)0xC000000D)
#define STATUS_INVALID_DEVICE_REQUEST ((NTSTATUS)0xC0000010)
#define STATUS_END_OF_FILE            ((NTSTATUS)0xC0000011)
#define STATUS_NO_MEMORY              ((NTSTATUS)0xC0000017)
#define STATUS_BUFFER_TOO_SMALL       ((NTSTATUS)0xC0000023)
#define STATUS_INSUFFICIENT_RESOURCES ((NTSTATUS)0xC000009A)
#define STATUS_DEVICE_NOT_READY       ((NTSTATUS)0xC00000A3)
#define STATUS_NOT_SUPPORTED          ((NTSTATUS)0xC00000BB)
#define STATUS_CANCELLED              ((NTSTATUS)0xC0000120)

#define PASSIVE_LEVEL  0
#define APC_LEVEL      1
#define DISPATCH_LEVEL 2

#endif
