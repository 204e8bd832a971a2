/* SPDX-License-Identifier: MIT */
#include "trap.h"

#include "rule.h"
#include "vmm/devices/terminal.h"
#include "vmm/log.h"

#include <linux/audit.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef SYS_SECCOMP /* older C libraries leave it out */
#define SYS_SECCOMP 1
#endif

#define EXIT_HOST    125
#define CALLS_KNOWN  512
#define NAME_LONGEST 32

/* libseccomp allocates to tell a name: all are asked for ahead. */
static char call_names[CALLS_KNOWN][NAME_LONGEST];

static _Thread_local char thread_name[16];

static void note_names(void)
{
    for (int i = 0; i < CALLS_KNOWN; i++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);
        snprintf(call_names[i], sizeof call_names[i], "%s", name != NULL ? name : "");
        free(name);
    }
}

static const char *name_of(const siginfo_t *info)
{
    if (info->si_arch != AUDIT_ARCH_X86_64)
        return "by the interface of 32-bit programs";
    return info->si_syscall >= 0 && info->si_syscall < CALLS_KNOWN ? call_names[info->si_syscall]
                                                                   : "";
}

/* The rest of the VM is not taken apart: its memory may be what made the call. */
static void end_process(int number, siginfo_t *info, void *context)
{
    static atomic_flag ends = ATOMIC_FLAG_INIT;

    (void)context;
    if (info->si_code != SYS_SECCOMP) { /* sent by somebody */
        terminal_restore();
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    /* One line: of several threads, the others wait for the end. */
    while (atomic_flag_test_and_set(&ends))
        pause();
    log_line_about(
        &log_error,
        "thread %s made the system call %d %s, at %p, which its filter forbids: the VM has "
        "ended; see holdfast-sandbox(7)",
        thread_name, info->si_syscall, name_of(info), info->si_call_addr);
    terminal_restore();
    _exit(EXIT_HOST);
}

void trap_prepare(void)
{
    const struct sigaction action = {.sa_sigaction = end_process, .sa_flags = SA_SIGINFO};

    note_names();
    sigaction(SIGSYS, &action, NULL);
}

void trap_enter(enum sandbox_thread thread)
{
    sigset_t set;

    snprintf(thread_name, sizeof thread_name, "%s", sandbox_table_of(thread)->name);
    if (thread == SANDBOX_VCPU || thread == SANDBOX_WORKER) /* and which */
        pthread_getname_np(pthread_self(), thread_name, sizeof thread_name);
    sigemptyset(&set);
    sigaddset(&set, SIGSYS);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
