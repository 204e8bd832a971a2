/* SPDX-License-Identifier: MIT
 * A page of a window whose content changes with every MAP, and a CPU that keeps reading it.
 *
 * The phase counts up: 4n the page is being mapped, 4n + 1 it shows 4n + 1, 4n + 2 it is being
 * taken away, 4n + 3 nothing is there. The reader looks at the phase before and after each read;
 * if it has not changed, what the read must have seen is known exactly. */
#ifndef HOLDFAST_TESTS_STALE_READS_H
#define HOLDFAST_TESTS_STALE_READS_H

#include "access.h"
#include "kvm_clock.h"
#include "raw_calls.h"

struct stale_reads {
    volatile uint64_t *at; /* the window's page */
    uint64_t phase;
    uint64_t sure; /* reads of which the phase was known */
    bool stop;
    uint64_t wrong_phase; /* of the first read that saw what it must not; 0: none */
    uint64_t wrong_value;
    bool user; /* read in ring 3 */
    uint64_t began;
    bool timed; /* by KVM's clock */
};

/* The two CPUs wait for each other, which takes long where they share one processor of the host:
 * no new round after half a second, or so many cycles where KVM has no clock. */
#define STALE_NS     500000000ull
#define STALE_CYCLES 1500000000ull

static inline uint64_t stale_phase(const struct stale_reads *it)
{
    return __atomic_load_n(&it->phase, __ATOMIC_SEQ_CST);
}

static inline void stale_judge(struct stale_reads *it, uint64_t phase, bool seen, uint64_t value)
{
    if (stale_phase(it) != phase || phase % 2 == 0)
        return;
    const bool right = phase % 4 == 1 ? seen && value == phase : !seen;
    if (!right && it->wrong_phase == 0) {
        it->wrong_phase = phase;
        it->wrong_value = seen ? value : UINT64_MAX;
    }
    __atomic_fetch_add(&it->sure, 1, __ATOMIC_SEQ_CST);
}

/* Reads on and on, until an exception ends it. */
static inline void stale_read_on(void *argument)
{
    struct stale_reads *it = argument;

    while (!__atomic_load_n(&it->stop, __ATOMIC_RELAXED)) {
        const uint64_t phase = stale_phase(it);
        const uint64_t value = *it->at;
        stale_judge(it, phase, true, value);
    }
}

/* For the second CPU. */
static inline void stale_reader(void *argument)
{
    struct stale_reads *it = argument;

    while (!__atomic_load_n(&it->stop, __ATOMIC_RELAXED)) {
        const uint64_t phase = stale_phase(it);
        struct access access = {.at = it->at};
        if (it->user ? nano_try_user(access_read, &access, NULL)
                     : nano_try(access_read, &access, NULL)) {
            stale_judge(it, phase, true, access.value);
            if (it->user)
                nano_try_user(stale_read_on, it, NULL);
            else
                nano_try(stale_read_on, it, NULL);
        } else {
            stale_judge(it, phase, false, 0);
        }
    }
}

static inline void stale_begin(struct stale_reads *it)
{
    it->timed = kvm_clock_on();
    it->began = nano_tsc();
    nano_run_on(1, stale_reader, it);
}

static inline bool stale_go_on(const struct stale_reads *it)
{
    const uint64_t cycles = nano_tsc() - it->began;

    return it->wrong_phase == 0 &&
           (it->timed ? kvm_clock_ns(cycles) < STALE_NS : cycles < STALE_CYCLES);
}

/* Publishes the next phase; if it is a sure one, waits until the reader has looked at it twice. */
static inline void stale_next_phase(struct stale_reads *it)
{
    const uint64_t phase = __atomic_add_fetch(&it->phase, 1, __ATOMIC_SEQ_CST);
    const uint64_t sure = __atomic_load_n(&it->sure, __ATOMIC_SEQ_CST);

    while (phase % 2 == 1 && __atomic_load_n(&it->sure, __ATOMIC_SEQ_CST) < sure + 2)
        __builtin_ia32_pause();
}

/* Stops the reader; what guest_main() returns. */
static inline int stale_end(struct stale_reads *it)
{
    __atomic_store_n(&it->stop, true, __ATOMIC_RELAXED);
    nano_wait_for(1);
    if (it->wrong_phase != 0)
        hf_printf("FAILED: in phase %llu the reader saw 0x%llx\n",
                  (unsigned long long)it->wrong_phase, (unsigned long long)it->wrong_value);
    return it->wrong_phase != 0;
}

#endif
