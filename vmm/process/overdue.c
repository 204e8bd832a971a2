/* SPDX-License-Identifier: MIT */
#include "overdue.h"

#include "signals.h"
#include "thread.h"
#include "vmm/cause.h"
#include "vmm/log.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* For the line in the log, which may lie on a file system that does not answer, either. */
#define LOG_SECONDS 2u

static struct {
    pthread_mutex_t lock;
    int changed; /* an eventfd */
    bool is_expected;
    bool sandbox_is_made;
    int64_t when; /* milliseconds */
    int status;
    const char *doing;
} end = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = -1};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How long to wait; -1: until something changes. */
static int time_left(void)
{
    pthread_mutex_lock(&end.lock);
    const int64_t left = end.when - now_ms();
    const bool is_expected = end.is_expected;
    pthread_mutex_unlock(&end.lock);
    return !is_expected ? -1 : left > 0 ? (int)left : 0;
}

static bool sandbox_is_made(void)
{
    pthread_mutex_lock(&end.lock);
    const bool it_is = end.sandbox_is_made;
    pthread_mutex_unlock(&end.lock);
    return it_is;
}

static void expect(int status, const char *doing)
{
    pthread_mutex_lock(&end.lock);
    end.is_expected = true;
    end.when = now_ms() + OVERDUE_SECONDS * 1000l;
    end.status = status;
    end.doing = doing;
    pthread_mutex_unlock(&end.lock);
}

static void expect_after_signal(int status)
{
    pthread_mutex_lock(&end.lock);
    const bool is_new = !end.is_expected;
    pthread_mutex_unlock(&end.lock);
    if (is_new)
        expect(status, "it waits for the host, perhaps for a file that does not answer");
}

/* The kernel ends all threads, but for those that wait for what it lets nobody leave. */
__attribute__((noreturn)) static void end_process(void)
{
    sigset_t alarm_only;

    /* By the signal where the log keeps even this thread waiting. */
    signal(SIGALRM, SIG_DFL);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
    alarm(LOG_SECONDS);
    log_line_about(&log_error, "the VMM has not ended within %u s, for %s; it ends now",
                   OVERDUE_SECONDS, end.doing);
    _exit(end.status);
}

static void *wait_for_end(void *argument)
{
    const int status = *(const int *)argument;
    struct pollfd polled[] = {
        {.fd = end.changed, .events = POLLIN},
        {.fd = signals_fd(), .events = POLLIN},
    };

    bool has_entered = false;

    /* A fresh page may have to wait for who maps memory, and that for a file. Not locked: others
     * need that more. */
    thread_touch_stack();
    for (;;) {
        if (!has_entered && sandbox_is_made()) {
            sandbox_enter(SANDBOX_OVERDUE);
            has_entered = true;
        }
        const int left = time_left();
        if (left == 0)
            end_process();
        /* A signal is not taken here, and would be seen for ever. */
        if (poll(polled, left < 0 ? 2 : 1, left) <= 0)
            continue;
        eventfd_t count;
        if (polled[0].revents != 0)
            eventfd_read(end.changed, &count);
        else
            expect_after_signal(status);
    }
    return NULL;
}

int overdue_begin(int status, struct error *error)
{
    static int kept;
    pthread_t thread;

    kept = status;
    end.changed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (end.changed < 0)
        return error_set(error, "eventfd: %s", cause_text(errno));
    const int failed = thread_start(&thread, wait_for_end, &kept);
    if (failed != 0)
        return error_set(error, "cannot start the thread that sees to the end: %s",
                         cause_of_thread(failed));
    sandbox_expect();
    pthread_setname_np(thread, "overdue");
    pthread_detach(thread);
    return 0;
}

void overdue_expect_end(int status, const char *doing)
{
    expect(status, doing);
    eventfd_write(end.changed, 1);
}

void overdue_enter_sandbox(void)
{
    pthread_mutex_lock(&end.lock);
    end.sandbox_is_made = true;
    pthread_mutex_unlock(&end.lock);
    eventfd_write(end.changed, 1);
}
