/* SPDX-License-Identifier: MIT
 * Calls whose arguments are laid out by hand, where the library would not say such things; and
 * the proof that a refused call has changed nothing. */
#ifndef HOLDFAST_TESTS_RAW_CALLS_H
#define HOLDFAST_TESTS_RAW_CALLS_H

#include "holdfast/guest.h"
#include "nano.h"

#define TAG      0x54455354u
#define RAW_CPUS 8u

static uint8_t raw_pages[RAW_CPUS][HF_PAGE_SIZE] __attribute__((aligned(4096), unused));

/* Makes a call with this structure; the VMM's answer comes back in it. The VMM's status. */
static inline int raw_call(uint32_t call, void *structure, size_t bytes)
{
    uint8_t *page = raw_pages[nano_cpu()];

    memcpy(page, structure, bytes);
    const uint64_t status = hf_call_at(call, (hf_gpa){(uintptr_t)page});
    if (status == HF_OK)
        memcpy(structure, page, bytes);
    return status <= 0xffff ? (int)status : -1;
}

#define CALL(name, structure) raw_call(HF_CALL_##name, &(structure), sizeof(structure))

/* What the VMM says of itself and of one window (0: of none). */
struct accounts {
    struct hf_info info;
    struct hf_stat stat;
};

static inline void take_accounts(uint64_t window, struct accounts *accounts)
{
    memset(accounts, 0, sizeof *accounts);
    CALL(INFO, accounts->info);
    accounts->stat.window = window;
    CALL(STAT, accounts->stat);
}

static inline bool same_accounts(const struct accounts *a, const struct accounts *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Whether a call is answered with just this status and leaves all accounts as they were. */
static inline bool raw_refused(uint64_t window, uint32_t call, const void *structure, size_t bytes,
                               int wanted)
{
    uint8_t copy[128];
    struct accounts before;
    struct accounts after;

    memcpy(copy, structure, bytes);
    take_accounts(window, &before);
    const int status = raw_call(call, copy, bytes);
    take_accounts(window, &after);
    if (status != wanted)
        hf_printf("call %u: 0x%x (%s), wanted 0x%x (%s)\n", call, status, hf_status_name(status),
                  wanted, hf_status_name(wanted));
    if (!same_accounts(&before, &after))
        hf_printf("call %u: the refused call has changed the accounts\n", call);
    return status == wanted && same_accounts(&before, &after);
}

#define CHECK_REFUSED(window, name, structure, wanted)                                             \
    CHECK(raw_refused(window, HF_CALL_##name, &(structure), sizeof(structure), wanted))

static inline hf_gpa raw_gpa(const void *address)
{
    return (hf_gpa){(uintptr_t)address};
}

static inline uint64_t page_of(const void *address)
{
    return (uintptr_t)address >> HF_PAGE_SHIFT;
}

#endif
