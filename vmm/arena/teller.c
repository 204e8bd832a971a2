/* SPDX-License-Identifier: MIT
 * The teller: a thread that writes a line about a call, or a vCPU's access outside any call, that
 * has been rescued for a second. A log
 * may take its time, and so may the files that tell why the host refuses: where the log is a file,
 * it may wait for memory in the very cgroup that is full. So the call itself does not write, and
 * the teller holds no lock. Sleeps as long as nothing is being rescued. */
#include "room.h"
#include "vmm/cause.h"
#include "vmm/log.h"
#include "vmm/memory/stack.h"
#include "vmm/process/thread.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PERIOD_NS     250000000l
#define TOLD_AFTER_NS 1000000000u
#define NAME_TEXT     96u

static struct log_limit rescue_lines;

static void name(const struct arena_rescue *rescue, char text[NAME_TEXT])
{
    const unsigned long long address = rescue->address;

    if (rescue->is_access && rescue->has_address)
        snprintf(text, NAME_TEXT, "vCPU %u, at guest-physical 0x%llx,", rescue->vcpu, address);
    else if (rescue->is_access)
        snprintf(text, NAME_TEXT, "vCPU %u", rescue->vcpu);
    else if (rescue->window != 0)
        snprintf(text, NAME_TEXT, "%s of window 0x%llx, tag 0x%x,", rescue->call,
                 (unsigned long long)rescue->window, rescue->tag);
    else
        snprintf(text, NAME_TEXT, "%s", rescue->call);
}

/* What KVM does not reach for no known reason is given up in the end. */
static const char *outlook(const struct arena_rescue *rescue)
{
    return rescue->error == EFAULT && !rescue->injected
               ? "the instruction is run again for a minute at most"
               : "it is tried again until the host gives in";
}

static void tell(struct arena *arena, const struct arena_rescue *rescue)
{
    char who[NAME_TEXT];
    char why[UNMET_TEXT];

    name(rescue, who);
    unmet_text(arena, rescue, why);
    const struct log_about about = {
        .level = LOG_LEVEL_WARNING,
        .has_vcpu = rescue->is_access,
        .vcpu = rescue->vcpu,
        .window = rescue->window,
        .tag = rescue->tag,
    };

    log_limited_about(&rescue_lines, &about,
                      "%s has waited for a second: %s: %s, attempt %u; %s; %s", who,
                      rescue->system_call, strerrordesc_np(rescue->error), rescue->attempts, why,
                      outlook(rescue));
}

/* Of the calls that have waited long enough, the first that was not told; one at a time, for to
 * look for the reason takes time. */
static void tell_next(struct arena *arena)
{
    struct teller *teller = &arena->teller;
    struct arena_rescue rescue;

    for (uint32_t i = 0; i < ARENA_RESCUES_MOST; i++) {
        if (rescue_read(&arena->rescues[i], &rescue) != RESCUE_SHOWN ||
            rescue.waited_ns < TOLD_AFTER_NS || rescue.since_ns == teller->told[i])
            continue;
        teller->told[i] = rescue.since_ns;
        tell(arena, &rescue);
        return;
    }
}

/* Until then, or until the teller is to end. */
static void pause_for_a_period(struct teller *teller)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PERIOD_NS;
    if (until.tv_nsec >= 1000000000l) {
        until.tv_nsec -= 1000000000l;
        until.tv_sec++;
    }
    while (!atomic_load(&teller->stop) &&
           sem_clockwait(&teller->work, CLOCK_MONOTONIC, &until) == 0)
        ;
}

static void *run_teller(void *argument)
{
    struct arena *arena = argument;
    struct teller *teller = &arena->teller;

    /* Whatever is guaranteed: when the line is wanted, there is no memory for it. */
    stack_set_aside();
    sandbox_enter(SANDBOX_TELLER);
    while (!atomic_load(&teller->stop)) {
        if (atomic_load(&arena->rescues_under_way) == 0) {
            sem_wait(&teller->work);
            continue;
        }
        pause_for_a_period(teller);
        if (!atomic_load(&teller->stop))
            tell_next(arena);
    }
    return NULL;
}

int teller_start(struct arena *arena, bool keep_files, struct error *error)
{
    struct teller *teller = &arena->teller;

    unmet_begin(&teller->files, keep_files);
    sem_init(&teller->work, 0, 0);
    const int cause = thread_start(&teller->thread, run_teller, arena);
    teller->is_started = cause == 0;
    if (teller->is_started) {
        sandbox_expect();
        return 0;
    }
    sem_destroy(&teller->work);
    unmet_end(&teller->files);
    return error_set(error, "cannot start the thread that tells of calls that wait: %s",
                     cause_of_thread(cause));
}

void teller_stop(struct arena *arena)
{
    struct teller *teller = &arena->teller;

    if (!teller->is_started)
        return;
    atomic_store(&teller->stop, true);
    sem_post(&teller->work);
    pthread_join(teller->thread, NULL);
    sem_destroy(&teller->work);
    unmet_end(&teller->files);
    teller->is_started = false;
}
