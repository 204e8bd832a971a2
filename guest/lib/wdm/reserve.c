/* SPDX-License-Identifier: MIT
 * Mapping addresses are reserved and freed. */
#include "guest/lib/platform.h"
#include "guest/lib/submit.h"
#include "guest/lib/wdm/reservation.h"
#include "holdfast/wdm.h"

struct hf_reservation *hf_reservation_create(const struct hf_window *window)
{
    uint64_t parts = 2 * (window->pages / HF_LIST_MAX + 1);
    uint32_t room = window->pages < HF_LIST_MAX ? (uint32_t)window->pages : HF_LIST_MAX;
    size_t bytes = sizeof(struct hf_reservation) + parts * sizeof(struct hf_part) +
                   room * sizeof(struct hf_extent);
    struct hf_reservation *reservation = hf_platform_alloc(bytes, 16);

    if (reservation == NULL)
        return NULL;
    reservation->window = *window;
    reservation->bytes = bytes;
    reservation->part = (struct hf_part *)(reservation + 1);
    reservation->list = (struct hf_extent *)(void *)(reservation->part + parts);
    reservation->list_room = room;
    if (!hf_platform_gpa(reservation->list, &reservation->list_gpa)) {
        hf_reservation_destroy(reservation);
        return NULL;
    }
    return reservation;
}

void hf_reservation_destroy(struct hf_reservation *reservation)
{
    hf_platform_free(reservation, reservation->bytes);
}

PVOID MmAllocateMappingAddress(SIZE_T NumberOfBytes, ULONG PoolTag)
{
    return MmAllocateMappingAddressEx(NumberOfBytes, PoolTag, 0);
}

PVOID MmAllocateMappingAddressEx(SIZE_T NumberOfBytes, ULONG PoolTag, ULONG Flags)
{
    uint32_t flags = Flags & MM_MAPPING_ADDRESS_DIVISIBLE ? HF_RESERVE_DIVISIBLE : 0;
    struct hf_window window;

    if (Flags & ~(ULONG)MM_MAPPING_ADDRESS_DIVISIBLE)
        return NULL;
    int status = hf_init(); /* a driver has no other place for it */
    if (status == HF_OK)
        status = hf_reserve(NumberOfBytes, PoolTag, flags, 0, &window);
    if (status != HF_OK) {
        if (status == HF_RESERVE_NOTHING)
            KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_RESERVE_NOTHING, 0, PoolTag,
                         (ULONG_PTR)__builtin_return_address(0));
        return NULL;
    }
    struct hf_reservation *reservation = hf_reservation_create(&window);
    if (reservation == NULL) {
        hf_release(&window);
        return NULL;
    }
    hf_registry_add(reservation);
    return reservation->window.address;
}

/* RELEASE with the caller's tag. After a success nobody enters the reservation any more. */
static int release(struct hf_reservation *reservation, ULONG tag)
{
    struct hf_release call = {.window = reservation->window.handle, .tag = tag};
    int status = hf_submit(HF_CALL_RELEASE, &call, sizeof call);

    reservation->released = status == HF_OK;
    return status;
}

static void refuse_free(int status, const struct hf_window *window, ULONG tag)
{
    KeBugCheckEx(SYSTEM_PTE_MISUSE, (ULONG_PTR)status, (ULONG_PTR)window->address, tag,
                 status == HF_RELEASE_WRONG_TAG ? window->tag : window->pages);
}

VOID MmFreeMappingAddress(PVOID BaseAddress, ULONG PoolTag)
{
    uint64_t pin;
    struct hf_reservation *reservation = hf_registry_enter(BaseAddress, &pin);

    if (reservation != NULL && hf_reservation_page(reservation, BaseAddress) > 0) {
        hf_registry_leave(reservation, pin);
        hf_registry_put(reservation);
        reservation = NULL;
    }
    if (reservation == NULL) {
        KeBugCheckEx(SYSTEM_PTE_MISUSE, HF_RELEASE_NO_WINDOW, (ULONG_PTR)BaseAddress, PoolTag, 0);
        return;
    }
    struct hf_window window = reservation->window;
    const int status = release(reservation, hf_reservation_tag(reservation, PoolTag));
    hf_registry_leave(reservation, pin);
    if (status != HF_OK) {
        hf_registry_put(reservation); /* first, because KeBugCheckEx() may not return */
        refuse_free(status, &window, PoolTag);
        return;
    }
    hf_registry_remove(reservation);
    hf_platform_window_remove(window.address, window.pages);
    hf_reservation_destroy(reservation);
}
