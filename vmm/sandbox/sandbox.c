/* SPDX-License-Identifier: MIT
 * Who waits for whom at the start. */
#include "vmm/sandbox/sandbox.h"

#include "capabilities.h"
#include "filter.h"
#include "landlock.h"
#include "namespaces.h"
#include "protections.h"
#include "trap.h"
#include "vmm/cause.h"
#include "vmm/log.h"
#include "vmm/process/thread.h"
#include "vmm/process/user.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum stage {
    STAGE_NONE,     /* not prepared, or off, or the start has failed: nobody waits */
    STAGE_PREPARED, /* threads wait for what they are to enter */
    STAGE_BUILT,    /* threads enter it, vCPUs wait */
    STAGE_CLOSED,
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum stage stage;
    bool is_off; /* as the operator wants it */
    bool has_filters;
    bool is_log;
    uint32_t expected; /* threads */
    uint32_t entered;
    int failure; /* errno of a thread that could not enter */
    char state[600];
} sandbox = {
    .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .state = "off"};

/* The lock is held. */
static void change_stage(enum stage stage)
{
    sandbox.stage = stage;
    pthread_cond_broadcast(&sandbox.changed);
}

int sandbox_prepare(enum sandbox_mode mode, struct error *error)
{
    struct error why;

    trap_prepare();
    sandbox.is_off = mode == SANDBOX_OFF;
    /* No other thread is there yet. */
    if (!sandbox.is_off || user_changes())
        change_stage(STAGE_PREPARED);
    if (sandbox.is_off)
        return 0;
    if (filter_try(&why, error) < 0)
        return -1;
    if (why.text[0] != '\0') {
        if (mode != SANDBOX_DEFAULT)
            return error_set(error, "--sandbox: %.480s", why.text);
        snprintf(sandbox.state, sizeof sandbox.state, "off: %s", why.text);
        log_line("--sandbox is %.480s", sandbox.state);
        return 0;
    }
    sandbox.is_log = mode == SANDBOX_LOG;
    snprintf(sandbox.state, sizeof sandbox.state, "%s", sandbox.is_log ? "log" : "on");
    sandbox.has_filters = true;
    return 0;
}

void sandbox_expect(void)
{
    pthread_mutex_lock(&sandbox.lock);
    sandbox.expected++;
    pthread_mutex_unlock(&sandbox.lock);
}

/* 0, or -1 with errno. Namespaces take root's rights, and a filter forbids all the rest. */
static int enter(enum sandbox_thread thread)
{
    if (!sandbox.is_off && (namespaces_enter() < 0 || landlock_enter(thread) < 0))
        return -1;
    if (capabilities_enter(thread) < 0 || (!sandbox.is_off && protections_hide_memory() < 0))
        return -1;
    return sandbox.has_filters ? filter_load(thread) : 0;
}

void sandbox_enter(enum sandbox_thread thread)
{
    pthread_mutex_lock(&sandbox.lock);
    while (sandbox.stage == STAGE_PREPARED)
        pthread_cond_wait(&sandbox.changed, &sandbox.lock);
    const bool is_closing = sandbox.stage != STAGE_NONE;
    pthread_mutex_unlock(&sandbox.lock);
    if (!is_closing)
        return;
    trap_enter(thread);
    const int failure = enter(thread) == 0 ? 0 : errno;
    pthread_mutex_lock(&sandbox.lock);
    sandbox.entered++;
    if (failure != 0)
        sandbox.failure = failure;
    pthread_cond_broadcast(&sandbox.changed);
    pthread_mutex_unlock(&sandbox.lock);
}

int sandbox_build(const struct memory_places *places, struct error *error)
{
    protections_apply(places, sandbox.is_off);
    if (sandbox.stage == STAGE_NONE)
        return 0;
    if (sandbox.has_filters && filter_make_all(places, sandbox.is_log, error) < 0)
        return -1;
    pthread_mutex_lock(&sandbox.lock);
    change_stage(STAGE_BUILT);
    pthread_mutex_unlock(&sandbox.lock);
    return 0;
}

int sandbox_may_remove_in(int directory, struct error *error)
{
    if (directory < 0 || landlock_may_remove_in(directory) == 0)
        return 0;
    return error_set(error, "Landlock does not take the rule for the directory of a socket: %s",
                     cause_text(errno));
}

int sandbox_close(struct error *error)
{
    if (sandbox.stage == STAGE_NONE)
        return 0;
    pthread_mutex_lock(&sandbox.lock);
    while (sandbox.entered < sandbox.expected)
        pthread_cond_wait(&sandbox.changed, &sandbox.lock);
    const bool all_are_in = sandbox.failure == 0;
    pthread_mutex_unlock(&sandbox.lock);
    /* After a failure it opens directories, to remove what was made. */
    if (all_are_in) {
        filter_forget_others(SANDBOX_MAIN);
        thread_touch_stack(); /* it grows by itself, but not locked beyond a limit */
        sandbox_enter(SANDBOX_MAIN);
    }
    pthread_mutex_lock(&sandbox.lock);
    const int failure = sandbox.failure;
    if (failure == 0)
        change_stage(STAGE_CLOSED);
    pthread_mutex_unlock(&sandbox.lock);
    landlock_finish();
    namespaces_finish();
    if (failure == 0)
        return 0;
    return error_set(error, "a thread could not enter the sandbox: %s", cause_text(failure));
}

void sandbox_wait(void)
{
    pthread_mutex_lock(&sandbox.lock);
    while (sandbox.stage == STAGE_BUILT)
        pthread_cond_wait(&sandbox.changed, &sandbox.lock);
    pthread_mutex_unlock(&sandbox.lock);
}

void sandbox_give_up(void)
{
    pthread_mutex_lock(&sandbox.lock);
    change_stage(STAGE_NONE);
    pthread_mutex_unlock(&sandbox.lock);
}

const char *sandbox_state(void)
{
    return sandbox.state;
}
