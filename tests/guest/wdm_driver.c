/* SPDX-License-Identifier: MIT
 * A page of driver code as it is written for Windows: a disk in memory whose reads make progress
 * when nothing can be allocated, since it maps the requests' buffers piece by piece with an
 * address reserved when the device was started. */
#include "holdfast/wdm.h"
#include "nano.h"

#define DISK_TAG          'ksiD'
#define DISK_BYTES        (64 * 1024)
#define DISK_RESERVE_SIZE (4 * PAGE_SIZE)

typedef struct _DEVICE_EXTENSION {
    PUCHAR Media;
    PVOID ReservedVa;
    PMDL PartialMdl;
    ULONG ReservedMappings;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

_Must_inspect_result_ _IRQL_requires_max_(PASSIVE_LEVEL) static NTSTATUS
    DiskStartDevice(_Out_ PDEVICE_EXTENSION Extension)
{
    PAGED_CODE();

    RtlZeroMemory(Extension, sizeof *Extension);
    Extension->Media = ExAllocatePool2(POOL_FLAG_NON_PAGED, DISK_BYTES, DISK_TAG);
    if (Extension->Media == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    for (ULONG i = 0; i < DISK_BYTES; i += sizeof(ULONG)) {
        *(PULONG)(PVOID)(Extension->Media + i) = i * 2654435761u;
    }

    Extension->ReservedVa = MmAllocateMappingAddress(DISK_RESERVE_SIZE, DISK_TAG);
    Extension->PartialMdl = IoAllocateMdl(NULL, DISK_RESERVE_SIZE, FALSE, FALSE, NULL);
    if (Extension->ReservedVa == NULL || Extension->PartialMdl == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return STATUS_SUCCESS;
}

static VOID DiskRemoveDevice(_Inout_ PDEVICE_EXTENSION Extension)
{
    MmFreeMappingAddress(Extension->ReservedVa, DISK_TAG);
    IoFreeMdl(Extension->PartialMdl);
    ExFreePoolWithTag(Extension->Media, DISK_TAG);
}

/* Copies through the reservation, as much at a time as fits in it at any byte offset. */
_IRQL_requires_max_(DISPATCH_LEVEL) static NTSTATUS
    DiskCopyReserved(_In_ PDEVICE_EXTENSION Extension, _In_ PMDL Mdl,
                     _In_reads_bytes_(Length) const UCHAR *Source, _In_ ULONG Length)
{
    PUCHAR virtualAddress = (PUCHAR)MmGetMdlVirtualAddress(Mdl);
    ULONG done = 0;

    while (done < Length) {
        ULONG room = DISK_RESERVE_SIZE - BYTE_OFFSET(virtualAddress + done);
        ULONG chunk = Length - done < room ? Length - done : room;

        IoBuildPartialMdl(Mdl, Extension->PartialMdl, virtualAddress + done, chunk);
        PVOID mapped = MmMapLockedPagesWithReservedMapping(Extension->ReservedVa, DISK_TAG,
                                                           Extension->PartialMdl, MmCached);
        if (mapped == NULL) {
            return STATUS_INVALID_PARAMETER;
        }
        Extension->ReservedMappings++;
        RtlCopyMemory(mapped, Source + done, chunk);
        MmUnmapReservedMapping(mapped, DISK_TAG, Extension->PartialMdl);
        done += chunk;
    }
    return STATUS_SUCCESS;
}

_IRQL_requires_max_(DISPATCH_LEVEL) static NTSTATUS
    DiskRead(_In_ PDEVICE_EXTENSION Extension, _Inout_ PIRP Irp, _In_ ULONG Offset)
{
    ULONG length = MmGetMdlByteCount(Irp->MdlAddress);
    NTSTATUS status = STATUS_SUCCESS;

    if (Offset > DISK_BYTES || length > DISK_BYTES - Offset) {
        status = STATUS_INVALID_PARAMETER;
        length = 0;
    } else {
        PVOID buffer =
            MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority | MdlMappingNoExecute);
        if (buffer != NULL) {
            RtlCopyMemory(buffer, Extension->Media + Offset, length);
        } else {
            status =
                DiskCopyReserved(Extension, Irp->MdlAddress, Extension->Media + Offset, length);
        }
    }
    Irp->IoStatus.Status = status;
    Irp->IoStatus.Information = NT_SUCCESS(status) ? length : 0;
    return status;
}

/* What the I/O manager does for a caller: locks the buffer, sends the request, unlocks it. */
static NTSTATUS ReadFile(PDEVICE_EXTENSION Extension, PUCHAR Buffer, ULONG Length, ULONG Offset,
                         PIO_STATUS_BLOCK IoStatus)
{
    IRP irp = {.MdlAddress = NULL};
    NTSTATUS status = STATUS_SUCCESS;

    if (IoAllocateMdl(Buffer, Length, FALSE, TRUE, &irp) == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    __try {
        MmProbeAndLockPages(irp.MdlAddress, KernelMode, IoWriteAccess);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (NT_SUCCESS(status)) {
        status = DiskRead(Extension, &irp, Offset);
        MmUnlockPages(irp.MdlAddress);
    }
    IoFreeMdl(irp.MdlAddress);
    *IoStatus = irp.IoStatus;
    return status;
}

int guest_main(void)
{
    static const struct {
        ULONG BufferOffset, Length, DiskOffset;
    } requests[] = {
        {0, 512, 0},       {100, 4096, 12},     {4095, 2, 8192},    {0, 16384, 16384},
        {8, 16384, 32768}, {4000, 40000, 1000}, {1, DISK_BYTES, 0},
    };
    DEVICE_EXTENSION extension;
    IO_STATUS_BLOCK ioStatus;
    PUCHAR buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, DISK_BYTES + 2 * PAGE_SIZE, DISK_TAG);

    CHECK(buffer != NULL);
    CHECK(NT_SUCCESS(DiskStartDevice(&extension)));
    for (ULONG i = 0; i < RTL_NUMBER_OF(requests); i++) {
        PUCHAR start = buffer + requests[i].BufferOffset;

        RtlFillMemory(buffer, DISK_BYTES + 2 * PAGE_SIZE, 0xee);
        CHECK(NT_SUCCESS(
            ReadFile(&extension, start, requests[i].Length, requests[i].DiskOffset, &ioStatus)));
        CHECK(ioStatus.Status == STATUS_SUCCESS && ioStatus.Information == requests[i].Length);
        CHECK(RtlEqualMemory(start, extension.Media + requests[i].DiskOffset,
                             requests[i].Length < 64 ? requests[i].Length : 64));
        CHECK(RtlEqualMemory(start + requests[i].Length / 2,
                             extension.Media + requests[i].DiskOffset + requests[i].Length / 2,
                             requests[i].Length / 2 < 64 ? requests[i].Length / 2 : 64));
        CHECK(start[requests[i].Length - 1] ==
              extension.Media[requests[i].DiskOffset + requests[i].Length - 1]);
        CHECK(start[requests[i].Length] == 0xee);
    }
    CHECK(extension.ReservedMappings == 1 + 1 + 1 + 1 + 2 + 3 + 5);
    CHECK(ReadFile(&extension, buffer, 4096, DISK_BYTES - 4095, &ioStatus) ==
          STATUS_INVALID_PARAMETER);
    CHECK(ioStatus.Information == 0);
    DiskRemoveDevice(&extension);
    return 0;
}
