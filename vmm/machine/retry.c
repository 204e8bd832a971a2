/* SPDX-License-Identifier: MIT */
#include "retry.h"

#include "board.h"

#include <errno.h>
#include <time.h>

void wait_for_memory(struct vcpu *vcpu, enum memory_shortage shortage, uint32_t attempt)
{
    /* Given up or not: the vCPU's loop looks at what is wanted of it. */
    if (vcpu->played || !memory_lend(vcpu->machine->memory, shortage))
        lifecycle_wait(vcpu, memory_pause(attempt));
}

static bool is_allowed(const struct vcpu *vcpu, const struct instruction_access *access)
{
    const enum page_rights rights = arena_page_rights(vcpu->machine->arena, access->gpa);

    return rights == PAGE_WRITABLE || (rights == PAGE_READ_ONLY && !access->write);
}

/* How often the same instruction may come back before the guest is told after all. memory_relieve()
 * pauses for up to 13 ms: a page that is there is waited for about a minute, as long as a host may
 * take to find memory; one that may not be there for seconds, in which the guest's mistake goes
 * unanswered; and KVM's emulator, which mostly fails for other reasons than memory, only briefly.
 */
#define TRIES_OF_PRESENT  5000u
#define TRIES_OF_UNKNOWN  200u
#define TRIES_OF_EMULATOR 16u
#define TRIES_AT_ONCE     8u

/* An instruction that fails again after so many seconds had come through in between. */
#define TRIES_TOGETHER 10

/* Pages are there, KVM does not reach them: if it is short of anything, it is of its own. */
static enum retry retry_present(struct vcpu *vcpu, uint32_t most)
{
    if (vcpu->tries >= TRIES_AT_ONCE)
        wait_for_memory(vcpu, SHORT_OF_GUEST_TABLES, vcpu->tries - TRIES_AT_ONCE);
    return vcpu->tries < most ? RETRY_NOW : RETRY_NO_USE;
}

/* Has the host make a page present that the table allows. */
static enum retry fetch(struct vcpu *vcpu, const struct instruction_access *access)
{
    switch (memory_fetch(vcpu->machine->memory, access->gpa, access->write)) {
    case MEMORY_PRESENT:
        return RETRY_NOW;
    case MEMORY_SHORT:
        vcpu->fetch_error = ENOMEM;
        return RETRY_NOW;
    default:
        vcpu->fetch_error = errno;
        return RETRY_NO_USE; /* beyond the end of a file that was cut short */
    }
}

/* Whether the table and the host have all pages. */
static enum retry fetch_all(struct vcpu *vcpu, const struct instruction_accesses *accesses,
                            uint64_t *gpa)
{
    for (uint32_t i = 0; i < accesses->count; i++) {
        *gpa = accesses->access[i].gpa;
        if (!is_allowed(vcpu, &accesses->access[i]))
            return RETRY_NOT_ALLOWED;
    }
    for (uint32_t i = 0; i < accesses->count; i++) {
        *gpa = accesses->access[i].gpa;
        if (fetch(vcpu, &accesses->access[i]) == RETRY_NO_USE)
            return RETRY_NO_USE;
    }
    return RETRY_NOW;
}

/* Counts the tries of one instruction. */
static void count_try(struct vcpu *vcpu, uint64_t rip, uint64_t gpa)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    const bool again = rip == vcpu->tried_rip && gpa == vcpu->tried_gpa &&
                       now.tv_sec - vcpu->tried_at <= TRIES_TOGETHER;
    vcpu->tries = again ? vcpu->tries + 1 : 0;
    vcpu->tried_rip = rip;
    vcpu->tried_gpa = gpa;
    vcpu->tried_at = now.tv_sec;
}

void retry_came_through(struct vcpu *vcpu)
{
    vcpu->tries = 0;
}

static enum retry retry(struct vcpu *vcpu, uint64_t rip,
                        const struct instruction_accesses *accesses, uint32_t most, uint64_t *gpa)
{
    *gpa = ARENA_GPA_UNKNOWN;
    vcpu->fetch_error = 0;
    const enum retry result = fetch_all(vcpu, accesses, gpa);
    if (vcpu->played) {
        /* KVM has not even been asked: neither the guest nor the host is at fault, ever. */
        wait_for_memory(vcpu, SHORT_OF_PAGES, vcpu->refusals++);
        return RETRY_NOW;
    }
    if (result != RETRY_NOW)
        return result;

    count_try(vcpu, rip, *gpa);
    if (vcpu->fetch_error == ENOMEM) {
        wait_for_memory(vcpu, SHORT_OF_PAGES, vcpu->tries);
        return RETRY_NOW;
    }
    return retry_present(vcpu, most);
}

enum retry retry_access(struct vcpu *vcpu, uint64_t rip,
                        const struct instruction_accesses *accesses, uint64_t *gpa)
{
    return retry(vcpu, rip, accesses, accesses->whole ? TRIES_OF_PRESENT : TRIES_OF_UNKNOWN, gpa);
}

enum retry retry_emulation(struct vcpu *vcpu, uint64_t rip,
                           const struct instruction_accesses *accesses, uint64_t *gpa)
{
    return retry(vcpu, rip, accesses, TRIES_OF_EMULATOR, gpa);
}
