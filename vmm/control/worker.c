/* SPDX-License-Identifier: MIT */
#include "vmm/control/worker.h"

#include "vmm/control/clock.h"
#include "vmm/sandbox/sandbox.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

const enum service_kind worker_kinds[WORKERS] = {SERVICE_LISTS,  SERVICE_MACHINE, SERVICE_DETACH,
                                                 SERVICE_ATTACH, SERVICE_ATTACH,  SERVICE_ATTACH};

static const char *name_of(enum service_kind kind)
{
    switch (kind) {
    case SERVICE_LISTS:
        return "control lists";
    case SERVICE_MACHINE:
        return "control vcpus";
    case SERVICE_DETACH:
        return "control detach";
    case SERVICE_ATTACH:
        return "control attach";
    case SERVICE_AT_ONCE:
    case SERVICE_EVENTS:
        break;
    }
    return "control";
}

/* Until something has changed, or a drill is over. The lock is held. */
static void wait_for_change(struct worker *worker)
{
    const uint64_t wake =
        worker->kind == SERVICE_LISTS ? service_wake(worker->service) : UINT64_MAX;
    const struct timespec until = {.tv_sec = (time_t)(wake / 1000),
                                   .tv_nsec = (long)(wake % 1000) * 1000000};

    if (wake == UINT64_MAX)
        pthread_cond_wait(&worker->changed, &worker->lock);
    else if (wake > clock_ms())
        pthread_cond_clockwait(&worker->changed, &worker->lock, CLOCK_MONOTONIC, &until);
}

static void answer(struct worker *worker)
{
    struct service_request *request = &worker->request;
    enum service_after after; /* only what is answered at once stops the machine */

    if (request->length > 0)
        worker->answered =
            service_answer(worker->service, &worker->answerer, request->asker, &request->descriptor,
                           request->bytes, request->length, worker->response, &after);
    if (request->descriptor >= 0)
        close(request->descriptor);
    request->descriptor = -1;
}

static void *work(void *argument)
{
    struct worker *worker = argument;

    sandbox_enter(SANDBOX_WORKER);
    pthread_mutex_lock(&worker->lock);
    while (!worker->stop) {
        if (worker->state != WORKER_ASKED)
            wait_for_change(worker);
        const bool asked = worker->state == WORKER_ASKED;
        pthread_mutex_unlock(&worker->lock);
        if (worker->kind == SERVICE_LISTS)
            service_tick(worker->service, clock_ms());
        if (asked)
            answer(worker);
        pthread_mutex_lock(&worker->lock);
        if (!asked)
            continue;
        worker->state = WORKER_DONE;
        eventfd_write(worker->done, 1);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static int start_thread(struct worker *worker, void *stack, size_t bytes)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int failed = pthread_attr_init(&attributes);
    if (failed == 0)
        failed = pthread_attr_setstack(&attributes, stack, bytes);
    /* Signals are for the other threads. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failed == 0)
        failed = pthread_create(&worker->thread, &attributes, work, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed;
}

int worker_start(struct worker *worker, void *stack, size_t bytes)
{
    worker->state = WORKER_FREE;
    worker->stop = false;
    worker->request.descriptor = -1;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->changed, NULL);
    const int failed = start_thread(worker, stack, bytes);
    if (failed != 0)
        return failed;
    sandbox_expect();
    pthread_setname_np(worker->thread, name_of(worker->kind));
    return 0;
}

enum worker_state worker_state(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    const enum worker_state state = worker->state;
    pthread_mutex_unlock(&worker->lock);
    return state;
}

static void set_state(struct worker *worker, enum worker_state state)
{
    pthread_mutex_lock(&worker->lock);
    worker->state = state;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

void worker_ask(struct worker *worker)
{
    set_state(worker, WORKER_ASKED);
}

void worker_release(struct worker *worker)
{
    set_state(worker, WORKER_FREE);
}

void worker_wake(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

void worker_stop(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    worker->stop = true;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    if (worker->request.descriptor >= 0)
        close(worker->request.descriptor);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
}
