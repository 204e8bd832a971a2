/* SPDX-License-Identifier: MIT */
#include "signals.h"

#include "vmm/cause.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int descriptor = -1;

/* A blocked signal reaches a descriptor even where whoever started the VMM had it ignored, as
 * nohup does. */
static void add_unless_ignored(sigset_t *set, int signal_number)
{
    struct sigaction action;

    if (sigaction(signal_number, NULL, &action) < 0 || action.sa_handler != SIG_IGN)
        sigaddset(set, signal_number);
}

int signals_catch(struct error *error)
{
    sigset_t set;

    /* Those that get vCPUs out of KVM_RUN must get through, whatever mask was inherited. */
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    signal(SIGUSR1, SIG_IGN); /* means nothing until vCPUs run */
    signal(SIGUSR2, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &set, NULL);

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    add_unless_ignored(&set, SIGINT);
    add_unless_ignored(&set, SIGHUP);
    add_unless_ignored(&set, SIGXCPU);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0)
        return error_set(error, "signalfd: %s", cause_text(errno));
    return 0;
}

int signals_fd(void)
{
    return descriptor;
}

bool signals_came(void)
{
    struct pollfd came = {.fd = descriptor, .events = POLLIN};

    return descriptor >= 0 && poll(&came, 1, 0) == 1;
}

int signals_take(void)
{
    struct signalfd_siginfo taken;

    if (descriptor < 0 || read(descriptor, &taken, sizeof taken) != (ssize_t)sizeof taken)
        return 0;
    return (int)taken.ssi_signo;
}

void signals_close(void)
{
    if (descriptor >= 0)
        close(descriptor);
    descriptor = -1;
}
