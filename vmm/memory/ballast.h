/* SPDX-License-Identifier: MIT
 * Ballast: locked memory of the VMM's own that is set aside at RESERVE. When the host's kernel
 * has none left for the VMAs and page tables of a MAP, the ballast is given back, and the kernel
 * has as much again in the same cgroup. */
#ifndef HOLDFAST_MEMORY_BALLAST_H
#define HOLDFAST_MEMORY_BALLAST_H

#include "vmm/memory/primitive.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nobody takes it again before all of it is given. */
enum ballast_lent { BALLAST_KEPT, BALLAST_BEING_LENT, BALLAST_LENT };

struct ballast {
    uint8_t *memory; /* address space for the most there can be; only the start is populated */
    size_t room;
    bool lock;      /* keep it in memory; needs CAP_IPC_LOCK or RLIMIT_MEMLOCK */
    bool must_lock; /* what cannot be locked is not taken; else it is taken all the same */
    struct injection *injection;
    pthread_mutex_t resizing; /* never taken on the map path */
    _Atomic size_t wanted;    /* bytes that the windows account for */
    _Atomic size_t held;      /* bytes taken, lent ones included */
    _Atomic uint8_t lent;     /* enum ballast_lent: given back to the kernel, to be taken again */
    _Atomic uint64_t times_lent;
    sem_t work; /* posted when it was lent, is short or much too much */
};

/* Reserves address space for at most room bytes. 0, or -1 with errno. */
int ballast_init(struct ballast *ballast, size_t room, bool lock, struct injection *injection);
void ballast_free(struct ballast *ballast);

/* Changes what the windows account for, by so many bytes, and wakes its thread if much less is
 * wanted than is held. Allocates nothing, cannot fail. */
void ballast_want(struct ballast *ballast, int64_t bytes);

/* Takes memory until at least what is wanted is held, lent memory again too; gives back what is
 * much too much. 0, or -1 with errno: then less is held, as much as the host had to spare, and its
 * thread is woken.
 * Allocates; not for the map path. */
int ballast_resize(struct ballast *ballast);

/* Whether less is held than is wanted, because it is lent or could not be taken again. */
bool ballast_is_short(const struct ballast *ballast);

/* Whether so much more is held than is wanted that ballast_resize() gives some back. */
bool ballast_is_too_much(const struct ballast *ballast);

/* Gives all of it to the kernel. For the map path: one system call, which frees memory and needs
 * none. false if there was nothing to give. */
bool ballast_lend(struct ballast *ballast);

#endif
