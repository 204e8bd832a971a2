/* SPDX-License-Identifier: MIT */
#include "watchdog.h"

#include "beats.h"
#include "vm.h"
#include "vmm/arena/rescues.h"
#include "vmm/cause.h"
#include "vmm/log.h"
#include "vmm/process/notify.h"
#include "vmm/process/thread.h"
#include "vmm/process/thread_state.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOKS       6u    /* in the time after which a beat is missed */
#define LOOK_MOST   10000 /* milliseconds from one to the next */
#define TRY_AGAIN   1000  /* the same, where a beat could not be said */
#define STATUS_ROOM 128u

static struct {
    const struct vm *vm;
    uint32_t vcpus;
    struct vcpu_progress *before; /* [vcpus]: at the last look */
    uint64_t rounds;              /* of the control service, when it was woken last */
    int look_ms;
    bool was_stuck;
    char status[STATUS_ROOM]; /* as it was told last */
    bool is_started;
    pthread_t thread;
    int stop; /* an eventfd */
} watchdog;

/* A thread that has not come on. */
struct suspect {
    char name[24];
    int thread_id;
    enum thread_state state;
};

/* Whether a thread has come on since the last look, or is known to wait. */
static bool vcpu_gets_on(uint32_t index)
{
    const struct vcpu_progress before = watchdog.before[index];
    struct vcpu_progress now;

    machine_vcpu_progress(watchdog.vm->machine, index, &now);
    watchdog.before[index] = now;
    return now.place != VCPU_AT_WORK || before.place != VCPU_AT_WORK || now.count != before.count;
}

static bool control_gets_on(int *thread_id)
{
    const uint64_t before = watchdog.rounds;
    const uint64_t now = control_rounds(watchdog.vm->control, thread_id);

    watchdog.rounds = now;
    control_wake(watchdog.vm->control);
    return now != before;
}

/* ---- whether the host explains it ---- */

static bool is_in_guest(int thread_id)
{
    struct vcpu_progress progress;

    for (uint32_t i = 0; i < watchdog.vcpus; i++) {
        machine_vcpu_progress(watchdog.vm->machine, i, &progress);
        if (progress.thread_id == thread_id)
            return progress.place == VCPU_IN_GUEST;
    }
    return false;
}

/* One that the host keeps waiting may hold what others wait for. Looks for the first. */
static bool is_not_kept(void *found, int thread_id)
{
    if (thread_id == gettid() || is_in_guest(thread_id))
        return true;
    const enum thread_state state = thread_state_look(thread_id);
    *(bool *)found = state == THREAD_IN_KERNEL || state == THREAD_UNKNOWN;
    return !*(bool *)found;
}

static bool host_keeps_one(void)
{
    bool found = false;

    thread_state_visit(is_not_kept, &found);
    return found;
}

/* Whether the VMM alone is to blame for a thread that has not come on. */
static bool is_stuck(struct suspect *suspect)
{
    suspect->state = thread_state_look(suspect->thread_id);
    switch (suspect->state) {
    case THREAD_LOOPS:
    case THREAD_STOPPED:
        return true;
    case THREAD_WAITS_FOR_OUR:
    case THREAD_RESTS:
        return !host_keeps_one();
    case THREAD_UNKNOWN:
    case THREAD_IN_KERNEL:
        break;
    }
    return false;
}

static bool some_is_stuck(struct suspect *suspect)
{
    if (!control_gets_on(&suspect->thread_id)) {
        snprintf(suspect->name, sizeof suspect->name, "control");
        if (is_stuck(suspect))
            return true;
    }
    bool found = false;
    for (uint32_t i = 0; i < watchdog.vcpus; i++) {
        /* Each is looked at, for the next time. */
        if (vcpu_gets_on(i) || found)
            continue;
        snprintf(suspect->name, sizeof suspect->name, "vcpu %u", i);
        suspect->thread_id = watchdog.before[i].thread_id;
        found = is_stuck(suspect);
    }
    return found;
}

static void tell(const struct suspect *suspect)
{
    static const char *const doing[] = {
        [THREAD_WAITS_FOR_OUR] = "waits for another thread",
        [THREAD_RESTS] = "waits for something that has come",
        [THREAD_LOOPS] = "runs in a loop",
        [THREAD_STOPPED] = "is stopped, by a debugger perhaps",
    };

    log_line_about(&log_error,
                   "watchdog: thread %s has not come on, and %s; unless it does, the VMM is ended "
                   "within %u s",
                   suspect->name, doing[suspect->state],
                   (unsigned)(notify_watchdog_ns() / 1000000000u));
}

/* ---- the thread ---- */

static void describe(char text[STATUS_ROOM])
{
    uint32_t rescues = 0;

    arena_rescues(watchdog.vm->arena, NULL, 0, &rescues);
    switch (machine_state(watchdog.vm->machine)) {
    case MACHINE_PAUSED:
        snprintf(text, STATUS_ROOM, "STATUS=paused");
        break;
    case MACHINE_RUNNING:
        if (rescues > 0)
            snprintf(text, STATUS_ROOM, "STATUS=runs; calls that wait for the host's memory: %u",
                     rescues);
        else
            snprintf(text, STATUS_ROOM, "STATUS=runs");
        break;
    case MACHINE_ENDED:
        snprintf(text, STATUS_ROOM, "STATUS=ends");
        break;
    }
}

static void tell_status(void)
{
    char text[STATUS_ROOM];

    describe(text);
    if (strcmp(text, watchdog.status) != 0 && notify_try(text))
        strcpy(watchdog.status, text);
}

/* Returns after how many milliseconds the next one is due. */
static int look(void)
{
    struct suspect suspect = {0};

    if (some_is_stuck(&suspect)) {
        if (!watchdog.was_stuck)
            tell(&suspect);
        watchdog.was_stuck = true;
        return watchdog.look_ms;
    }
    watchdog.was_stuck = false;
    const bool is_said = beats_say();
    tell_status();
    return is_said || watchdog.look_ms < TRY_AGAIN ? watchdog.look_ms : TRY_AGAIN;
}

static void *run(void *argument)
{
    struct pollfd stop = {.fd = watchdog.stop, .events = POLLIN};
    int wait = watchdog.look_ms;
    int unused;

    (void)argument;
    thread_touch_stack();
    control_gets_on(&unused); /* the first look asks what has come since */
    sandbox_enter(SANDBOX_WATCHDOG);
    while (stop.revents == 0) {
        if (poll(&stop, 1, wait) == 0)
            wait = look();
    }
    return NULL;
}

int watchdog_start(const struct vm *vm, const struct options *options, struct error *error)
{
    const uint64_t span_ms = notify_watchdog_ns() / 1000000;

    if (span_ms == 0)
        return 0;
    watchdog.vm = vm;
    watchdog.vcpus = options->vcpus;
    watchdog.look_ms = span_ms / LOOKS < LOOK_MOST ? (int)(span_ms / LOOKS) : LOOK_MOST;
    watchdog.before = calloc(options->vcpus, sizeof watchdog.before[0]);
    watchdog.stop = eventfd(0, EFD_CLOEXEC);
    if (watchdog.before == NULL || watchdog.stop < 0)
        return error_set(error, "no watchdog: %s", cause_text(errno));
    if (beats_prepare(error) < 0)
        return -1;
    const int failed = thread_start(&watchdog.thread, run, NULL);
    if (failed != 0)
        return error_set(error, "cannot start the watchdog's thread: %s", cause_of_thread(failed));
    sandbox_expect();
    pthread_setname_np(watchdog.thread, "watchdog");
    watchdog.is_started = true;
    return 0;
}

void watchdog_stop(void)
{
    if (!watchdog.is_started)
        return;
    eventfd_write(watchdog.stop, 1);
    pthread_join(watchdog.thread, NULL);
    watchdog.is_started = false;
    close(watchdog.stop);
    free(watchdog.before);
    watchdog.before = NULL;
    beats_end();
}
