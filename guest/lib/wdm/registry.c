/* SPDX-License-Identifier: MIT
 * Finds reservations by the addresses in them. They stand in a binary tree by their addresses,
 * which at the same time is a heap by a hash of them (a treap): so it stays flat, about 2 ln n
 * deep, in whatever order they come and go, and needs no memory but theirs. */
#include "guest/lib/platform.h"
#include "guest/lib/wdm/reservation.h"

static struct hf_reservation *root;
static struct hf_spin_lock lock; /* of the tree; held pinned */

static uint64_t page_of(const void *address)
{
    return (uintptr_t)address >> HF_PAGE_SHIFT;
}

static uint64_t first_page(const struct hf_reservation *reservation)
{
    return page_of(reservation->window.address);
}

/* The last steps of MurmurHash3: neighbours must not have neighbouring ranks. */
static uint64_t rank(const struct hf_reservation *reservation)
{
    uint64_t hash = first_page(reservation);

    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccdu;
    hash ^= hash >> 33;
    hash *= 0xc4ceb9fe1a85ec53u;
    return hash ^ hash >> 33;
}

/* Where the reservation is linked, or would be: behind all that rank as high. */
static struct hf_reservation **link_of(const struct hf_reservation *reservation)
{
    struct hf_reservation **link = &root;

    while (*link != NULL && *link != reservation && rank(*link) >= rank(reservation))
        link = first_page(reservation) < first_page(*link) ? &(*link)->lower : &(*link)->higher;
    return link;
}

static void insert(struct hf_reservation *reservation)
{
    struct hf_reservation **link = link_of(reservation);
    struct hf_reservation *below = *link;
    struct hf_reservation **lower = &reservation->lower;
    struct hf_reservation **higher = &reservation->higher;

    *link = reservation;
    while (below != NULL) {
        if (first_page(below) < first_page(reservation)) {
            *lower = below;
            lower = &below->higher;
            below = *lower;
        } else {
            *higher = below;
            higher = &below->lower;
            below = *higher;
        }
    }
    *lower = NULL;
    *higher = NULL;
}

static void take_out(struct hf_reservation *reservation)
{
    struct hf_reservation **link = link_of(reservation);
    struct hf_reservation *lower = reservation->lower;
    struct hf_reservation *higher = reservation->higher;

    while (lower != NULL && higher != NULL) {
        if (rank(lower) >= rank(higher)) {
            *link = lower;
            link = &lower->higher;
            lower = *link;
        } else {
            *link = higher;
            link = &higher->lower;
            higher = *link;
        }
    }
    *link = lower != NULL ? lower : higher;
}

void hf_registry_add(struct hf_reservation *reservation)
{
    uint64_t pin = hf_platform_pin();

    hf_spin_lock(&lock);
    insert(reservation);
    hf_spin_unlock(&lock);
    hf_platform_unpin(pin);
}

/* Marks it used, so that it outlives the lock of the tree. */
static struct hf_reservation *find(const void *address)
{
    struct hf_reservation *found = NULL;

    hf_spin_lock(&lock);
    struct hf_reservation *at = root;
    while (at != NULL) {
        if (page_of(address) < first_page(at)) {
            at = at->lower;
        } else {
            found = at;
            at = at->higher;
        }
    }
    if (found != NULL && hf_reservation_page(found, address) >= found->window.pages)
        found = NULL;
    if (found != NULL)
        __atomic_add_fetch(&found->users, 1, __ATOMIC_RELAXED);
    hf_spin_unlock(&lock);
    return found;
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
    uint64_t pin = hf_platform_pin();

    hf_spin_lock(&lock);
    take_out(reservation);
    hf_spin_unlock(&lock);
    hf_platform_unpin(pin);
    while (__atomic_load_n(&reservation->users, __ATOMIC_ACQUIRE) > 1)
        __builtin_ia32_pause();
}
