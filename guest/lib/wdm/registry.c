/* SPDX-License-Identifier: MIT
 * Finds reservations by the number of their first page. The buckets are many enough for
 * thousands of reservations, so that a map does not get slower with their number. */
#include "guest/lib/platform.h"
#include "guest/lib/wdm/reservation.h"

#define BUCKETS_SHIFT 12

static struct hf_reservation *buckets[1u << BUCKETS_SHIFT];
static struct hf_spin_lock lock; /* of the chains; held pinned */

static struct hf_reservation **bucket_of(const void *address)
{
    uint64_t page = (uintptr_t)address >> HF_PAGE_SHIFT;

    return &buckets[page * 0x9e3779b97f4a7c15u >> (64 - BUCKETS_SHIFT)];
}

static bool is_at(const struct hf_reservation *reservation, const void *address)
{
    return (uintptr_t)reservation->window.address >> HF_PAGE_SHIFT ==
           (uintptr_t)address >> HF_PAGE_SHIFT;
}

void hf_registry_add(struct hf_reservation *reservation)
{
    struct hf_reservation **bucket = bucket_of(reservation->window.address);
    uint64_t pin = hf_platform_pin();

    hf_spin_lock(&lock);
    reservation->next = *bucket;
    *bucket = reservation;
    hf_spin_unlock(&lock);
    hf_platform_unpin(pin);
}

/* Marks it used, so that it outlives the lock of the chains. */
static struct hf_reservation *find(const void *address)
{
    hf_spin_lock(&lock);
    struct hf_reservation *reservation = *bucket_of(address);
    while (reservation != NULL && !is_at(reservation, address))
        reservation = reservation->next;
    if (reservation != NULL)
        __atomic_add_fetch(&reservation->users, 1, __ATOMIC_RELAXED);
    hf_spin_unlock(&lock);
    return reservation;
}

struct hf_reservation *hf_registry_enter(const void *address, uint64_t *pin)
{
    *pin = hf_platform_pin();
    struct hf_reservation *reservation = find(address);
    if (reservation == NULL) {
        hf_platform_unpin(*pin);
        return NULL;
    }
    hf_spin_lock(&reservation->lock);
    if (reservation->released) {
        hf_registry_leave(reservation, *pin);
        hf_registry_put(reservation);
        return NULL;
    }
    return reservation;
}

void hf_registry_leave(struct hf_reservation *reservation, uint64_t pin)
{
    hf_spin_unlock(&reservation->lock);
    hf_platform_unpin(pin);
}

void hf_registry_put(struct hf_reservation *reservation)
{
    __atomic_sub_fetch(&reservation->users, 1, __ATOMIC_RELEASE);
}

void hf_registry_remove(struct hf_reservation *reservation)
{
    struct hf_reservation **link = bucket_of(reservation->window.address);
    uint64_t pin = hf_platform_pin();

    hf_spin_lock(&lock);
    while (*link != reservation)
        link = &(*link)->next;
    *link = reservation->next;
    hf_spin_unlock(&lock);
    hf_platform_unpin(pin);
    while (__atomic_load_n(&reservation->users, __ATOMIC_ACQUIRE) > 1)
        __builtin_ia32_pause();
}
