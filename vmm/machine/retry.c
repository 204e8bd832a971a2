/* SPDX-License-Identifier: MIT */
#include "retry.h"

#include "board.h"
#include "lifecycle.h"
#include "vcpu.h"
#include "vmm/arena/faults.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>

/* How often the same instruction may come back before the guest is told after all. The pauses
 * between grow up to 12.8 ms: PRESENT is about a minute, DOUBTFUL 25 ms. */
#define TRIES_OF_PRESENT  5000u
#define TRIES_OF_DOUBTFUL 16u
#define TRIES_AT_ONCE     8u

/* An instruction that fails again after so many seconds had come through in between. */
#define TRIES_TOGETHER 10

/* What is known of an instruction that has failed. */
struct findings {
    enum retry verdict;   /* RETRY_NOW: no access is certain not to be possible */
    enum retry suspicion; /* the same for accesses that are possible */
    uint64_t gpa;         /* of the verdict, or of the suspicion */
    uint64_t key;         /* of all accesses, to know the instruction by when it comes back */
    bool is_short;        /* the host has just said that it is out of memory, */
    enum memory_shortage shortage; /* of this, */
    uint64_t short_gpa;            /* for this page */
};

static void show_wait(struct vcpu *vcpu, const struct refusal *refusal)
{
    arena_show_wait(vcpu->machine->arena, &vcpu->wait,
                    &(struct arena_refusal){
                        .vcpu = vcpu->index,
                        .rip = vcpu->run->s.regs.regs.rip,
                        .gpa = refusal->gpa,
                        .system_call = refusal->system_call,
                        .error = refusal->error,
                        .by_drill = vcpu->by_drill,
                    });
}

void wait_for_memory(struct vcpu *vcpu, const struct refusal *refusal, uint32_t attempt)
{
    vcpu->is_retried = true;
    if (!vcpu->by_drill && memory_lend(vcpu->machine->memory, refusal->shortage))
        return;
    show_wait(vcpu, refusal);
    /* Given up or not: the vCPU's loop looks at what is wanted of it. */
    lifecycle_wait(vcpu, memory_pause(attempt));
}

void retry_begin(struct vcpu *vcpu)
{
    vcpu->is_retried = false;
}

void retry_undecided(struct vcpu *vcpu)
{
    vcpu->is_retried = true;
}

void retry_end(struct vcpu *vcpu)
{
    if (!vcpu->is_retried)
        arena_end_wait(vcpu->machine->arena, &vcpu->wait);
}

static bool is_ram(const struct vcpu *vcpu, uint64_t gpa)
{
    return memory_ram_at(vcpu->machine->memory, gpa, 1) != NULL;
}

static bool is_allowed(const struct vcpu *vcpu, const struct instruction_access *access)
{
    if (is_ram(vcpu, access->gpa))
        return true;
    const enum page_rights rights = arena_page_rights(vcpu->machine->arena, access->gpa);

    return rights == PAGE_WRITABLE || (rights == PAGE_READ_ONLY && !access->write);
}

/* Where several are short, what can be lent for counts. */
static void note_shortage(struct findings *findings, enum memory_shortage shortage, uint64_t gpa)
{
    if (!findings->is_short || shortage == SHORT_OF_HOST_TABLES) {
        findings->shortage = shortage;
        findings->short_gpa = gpa;
    }
    findings->is_short = true;
}

/* Has the host make a page of RAM present. */
static void fetch_ram(const struct vcpu *vcpu, uint64_t gpa, bool write, struct findings *findings)
{
    void *page = memory_ram_at(vcpu->machine->memory, gpa & ~(HF_PAGE_SIZE - 1ull), HF_PAGE_SIZE);

    if (page != NULL &&
        madvise(page, HF_PAGE_SIZE, write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) < 0 &&
        errno == ENOMEM)
        note_shortage(findings, SHORT_OF_PAGES, gpa);
}

/* Has the host make a page present that the table allows. false: it has none. */
static bool fetch(struct vcpu *vcpu, const struct instruction_access *access,
                  struct findings *findings)
{
    /* What may not be written is not made dirty. */
    const bool write = access->write && access->certainty == ACCESS_CERTAIN;

    if (is_ram(vcpu, access->gpa)) {
        fetch_ram(vcpu, access->gpa, write, findings);
        return true;
    }
    switch (memory_fetch(vcpu->machine->memory, access->gpa, write)) {
    case MEMORY_PRESENT:
        return true;
    case MEMORY_SHORT:
        note_shortage(findings, SHORT_OF_PAGES, access->gpa);
        return true;
    case MEMORY_SHORT_OF_TABLES:
        note_shortage(findings, SHORT_OF_HOST_TABLES, access->gpa);
        return true;
    default:
        vcpu->fetch_error = errno;
        return false; /* beyond the end of a file that was cut short */
    }
}

/* Notes the first access of each certainty that cannot be made. */
static void note(struct findings *findings, const struct instruction_access *access,
                 enum retry verdict)
{
    if (access->certainty == ACCESS_CERTAIN && findings->verdict == RETRY_NOW) {
        findings->verdict = verdict;
        findings->gpa = access->gpa;
    } else if (access->certainty == ACCESS_POSSIBLE && findings->suspicion == RETRY_NOW &&
               findings->verdict == RETRY_NOW) {
        findings->suspicion = verdict;
        findings->gpa = access->gpa;
    }
}

/* Asks the table and the host for all pages. */
static struct findings look(struct vcpu *vcpu, const struct instruction_accesses *accesses)
{
    struct findings findings = {.verdict = RETRY_NOW,
                                .suspicion = RETRY_NOW,
                                .gpa = ARENA_GPA_UNKNOWN,
                                .shortage = SHORT_OF_PAGES};

    vcpu->fetch_error = 0;
    for (uint32_t i = 0; i < accesses->count; i++) {
        findings.key = findings.key * 31 + accesses->access[i].gpa;
        if (!is_allowed(vcpu, &accesses->access[i]))
            note(&findings, &accesses->access[i], RETRY_NOT_ALLOWED);
    }
    for (uint32_t i = 0; i < accesses->count && findings.verdict == RETRY_NOW; i++)
        if (is_allowed(vcpu, &accesses->access[i]) && !fetch(vcpu, &accesses->access[i], &findings))
            note(&findings, &accesses->access[i], RETRY_NO_USE);
    /* Where KVM fails it for no known reason, it is told by what it touches of the arena. */
    for (uint32_t i = 0; i < accesses->count && findings.gpa == ARENA_GPA_UNKNOWN; i++)
        if (accesses->whole && !is_ram(vcpu, accesses->access[i].gpa))
            findings.gpa = accesses->access[i].gpa;
    return findings;
}

/* Counts the tries of one instruction. */
static void count_try(struct vcpu *vcpu, uint64_t rip, uint64_t key)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    const bool again = rip == vcpu->tried_rip && key == vcpu->tried_key &&
                       now.tv_sec - vcpu->tried_at <= TRIES_TOGETHER;
    vcpu->tries = again ? vcpu->tries + 1 : 0;
    vcpu->tried_rip = rip;
    vcpu->tried_key = key;
    vcpu->tried_at = now.tv_sec;
}

void retry_came_through(struct vcpu *vcpu, uint64_t rip)
{
    /* Not the handler of an interrupt that came while it was tried again. */
    if (rip - vcpu->tried_rip <= INSTRUCTION_LONGEST)
        vcpu->tries = 0;
}

static bool has_attention(const struct vcpu *vcpu)
{
    return atomic_load_explicit(&vcpu->machine->attention, memory_order_acquire);
}

/* Pages are there, KVM does not reach them. If it is short of anything, it is not known of what. */
static enum retry wait_for_kvm(struct vcpu *vcpu, const struct findings *findings, uint32_t most)
{
    if (vcpu->tries < most) {
        vcpu->is_retried = true;
        if (vcpu->tries >= TRIES_AT_ONCE)
            wait_for_memory(vcpu,
                            &(struct refusal){SHORT_OF_PAGES, "KVM_RUN", EFAULT, findings->gpa},
                            vcpu->tries - TRIES_AT_ONCE);
        return RETRY_NOW;
    }
    return findings->suspicion != RETRY_NOW ? findings->suspicion : RETRY_NO_USE;
}

static enum retry retry(struct vcpu *vcpu, uint64_t rip,
                        const struct instruction_accesses *accesses, uint32_t most, uint64_t *gpa)
{
    *gpa = ARENA_GPA_UNKNOWN;
    if (vcpu->by_drill) {
        /* KVM has not even been asked: neither the guest nor the host is at fault, ever. */
        wait_for_memory(vcpu,
                        &(struct refusal){SHORT_OF_PAGES, "KVM_RUN", EFAULT, ARENA_GPA_UNKNOWN},
                        vcpu->refusals++);
        return RETRY_NOW;
    }
    const struct findings findings = look(vcpu, accesses);

    *gpa = findings.gpa;
    if (findings.verdict != RETRY_NOW)
        return findings.verdict;
    if (has_attention(vcpu))
        return RETRY_NOW;

    count_try(vcpu, rip, findings.key);
    if (findings.is_short)
        wait_for_memory(vcpu,
                        &(struct refusal){findings.shortage, "madvise", ENOMEM, findings.short_gpa},
                        vcpu->tries);
    else
        return wait_for_kvm(vcpu, &findings,
                            findings.suspicion == RETRY_NOW ? most : TRIES_OF_DOUBTFUL);
    return RETRY_NOW;
}

enum retry retry_access(struct vcpu *vcpu, uint64_t rip,
                        const struct instruction_accesses *accesses, uint64_t *gpa)
{
    const bool is_known = accesses->whole && accesses->count > 0;

    return retry(vcpu, rip, accesses, is_known ? TRIES_OF_PRESENT : TRIES_OF_DOUBTFUL, gpa);
}

enum retry retry_emulation(struct vcpu *vcpu, uint64_t rip,
                           const struct instruction_accesses *accesses, uint64_t *gpa)
{
    return retry(vcpu, rip, accesses, TRIES_OF_DOUBTFUL, gpa);
}
