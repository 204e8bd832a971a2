/* SPDX-License-Identifier: MIT
 * For tests of the filters, built without sanitizers, whose filters are weaker: has a process of
 * its own try one call in a thread of some kind, and tells what came of it. */
#ifndef HOLDFAST_TESTS_SANDBOX_TRIES_H
#define HOLDFAST_TESTS_SANDBOX_TRIES_H

#include "vmm/memory/places.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <seccomp.h>

#define PAGE      4096ul
#define ENDED     125
#define PERFORMED 42 /* the call went through, whatever it answered */
#define REFUSED   43 /* with EPERM */
#define NO_ACCESS 44 /* with EACCES */
#define NOT_THERE 45 /* with ENOENT, for a path that is somewhere */

#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

static const char *const names[SANDBOX_THREADS] = {
    [SANDBOX_VCPU] = "vcpu 3",
    [SANDBOX_RESET] = "reset",
    [SANDBOX_CLOCK] = "clock",
    [SANDBOX_CONSOLE_INPUT] = "console input",
    [SANDBOX_CONTROL] = "control",
    [SANDBOX_BALLAST] = "ballast",
    [SANDBOX_TELLER] = "teller",
    [SANDBOX_MONITOR] = "monitor",
    [SANDBOX_MAIN] = "main",
    [SANDBOX_CORE_FILE] = "core file",
    [SANDBOX_OVERDUE] = "overdue",
    [SANDBOX_WATCHDOG] = "watchdog",
    [SANDBOX_WORKER] = "control attach",
};

/* As far apart as in a VM, and with something accessible on both sides of each. */
__attribute__((unused)) static struct memory_places places;

struct attempt {
    long number;
    unsigned long arguments[6];
    unsigned may; /* bits of the threads that may */
};

/* cmocka puts its own in place of it. */
static struct sigaction handler;

static enum sandbox_thread trying;
static struct attempt tried;

static bool is_path_tried(void)
{
    const char *path = (const char *)(uintptr_t)tried.arguments[1];

    return tried.number == SYS_openat && strncmp(path, "/nowhere", 8) != 0;
}

__attribute__((unused)) static void *try(void *argument)
{
    (void)argument;
    if (trying == SANDBOX_VCPU || trying == SANDBOX_WORKER) /* of which there are several */
        pthread_setname_np(pthread_self(), names[trying]);
    sandbox_enter(trying);
    const unsigned long *a = tried.arguments;
    const long result = syscall(tried.number, a[0], a[1], a[2], a[3], a[4], a[5]);
    syscall(SYS_exit_group, result >= 0                          ? PERFORMED
                            : errno == EPERM                     ? REFUSED
                            : errno == EACCES                    ? NO_ACCESS
                            : errno == ENOENT && is_path_tried() ? NOT_THERE
                                                                 : PERFORMED);
    return NULL;
}

/* Has a process that has made its filters try the call. Returns its exit status, or minus the
 * signal that ended it, and what it said. */
__attribute__((unused)) static int
outcome_of(enum sandbox_thread thread, const struct attempt *attempt, char *said, size_t room)
{
    int output[2];
    int status;
    pthread_t id;

    assert_int_equal(pipe(output), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(output[1], STDERR_FILENO);
        sigaction(SIGSYS, &handler, NULL);
        trying = thread;
        tried = *attempt;
        if (thread == SANDBOX_MAIN)
            try(NULL);
        pthread_create(&id, NULL, try, NULL);
        pthread_join(id, NULL);
        _exit(1);
    }
    close(output[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(output[0], said + length, room - 1 - length)) > 0)
        length += (size_t)got;
    said[length] = '\0';
    close(output[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

__attribute__((unused)) static const char *call_name(long number)
{
    static char text[64];
    char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);

    snprintf(text, sizeof text, "%s", name != NULL ? name : "?");
    free(name);
    return text;
}

__attribute__((unused)) static void assert_ends(enum sandbox_thread thread,
                                                const struct attempt *attempt)
{
    char said[2048];
    char line[128];
    const int outcome = outcome_of(thread, attempt, said, sizeof said);

    snprintf(line, sizeof line, "thread %s made the system call %ld %s,", names[thread],
             attempt->number, call_name(attempt->number));
    const char *newline = strchr(said, '\n');
    if (outcome == ENDED && strstr(said, line) != NULL && newline != NULL && newline[1] == '\0')
        return;
    fail_msg("thread %s, call %s (0x%lx, 0x%lx, 0x%lx, 0x%lx): status %d, and it said: %s",
             names[thread], call_name(attempt->number), attempt->arguments[0],
             attempt->arguments[1], attempt->arguments[2], attempt->arguments[3], outcome, said);
}

__attribute__((unused)) static void assert_outcome(enum sandbox_thread thread,
                                                   const struct attempt *attempt, int wanted)
{
    char said[2048];
    const int outcome = outcome_of(thread, attempt, said, sizeof said);

    if (outcome != wanted)
        fail_msg("thread %s, call %s (0x%lx, 0x%lx, 0x%lx, 0x%lx): status %d, not %d: %s",
                 names[thread], call_name(attempt->number), attempt->arguments[0],
                 attempt->arguments[1], attempt->arguments[2], attempt->arguments[3], outcome,
                 wanted, said);
}

__attribute__((unused)) static unsigned long text(const char *value)
{
    return (unsigned long)(uintptr_t)value;
}

__attribute__((unused)) static struct memory_place make_place(uint64_t near, uint64_t bytes)
{
    uint8_t *memory = mmap((void *)(uintptr_t)near, bytes + 2 * PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    const uint64_t begin = (uintptr_t)memory + PAGE;
    return (struct memory_place){begin, begin + bytes};
}

__attribute__((unused)) static int make_places(void **state)
{
    (void)state;
    places = (struct memory_places){
        .arena = make_place(0x200000000000, 6ull << 30), /* its length has more than 32 bits */
        .ram = make_place(0, 64ull << 20),
        .ballast = make_place(0, 256 << 10),
        .ram_tables_ballast = make_place(0, 512 << 10),
    };
    return 0;
}

__attribute__((unused)) static int make_filters(void **state)
{
    struct error error;

    make_places(state);
    if (sandbox_prepare(SANDBOX_ON, &error) == 0 && sandbox_build(&places, &error) == 0 &&
        sigaction(SIGSYS, NULL, &handler) == 0)
        return 0;
    print_error("%s\n", error.text);
    return -1;
}

#endif
