/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <signal.h>
#include <stddef.h>
#include <termios.h>
#include <unistd.h>

/* What ends the process at once, unlike the signals of vmm/process/signals.h. SIGSYS is the
 * sandbox's, which restores the terminal, too. */
static const int deadly[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,  SIGBUS,
                             SIGFPE,  SIGSEGV, SIGALRM, SIGVTALRM};
#define DEADLY (sizeof deadly / sizeof deadly[0])

/* One for the process: signal handlers need it. */
static struct {
    int fd;
    struct termios found;
    struct termios raw;
    bool known; /* found and raw are filled in */
    volatile sig_atomic_t taken;
    struct sigaction before[DEADLY];
} terminal = {.fd = -1};

bool terminal_in_background(int fd)
{
    const pid_t foreground = tcgetpgrp(fd);

    return foreground >= 0 && foreground != getpgrp();
}

/* May be called by a signal handler. */
static void set(const struct termios *state)
{
    if (!terminal_in_background(terminal.fd))
        tcsetattr(terminal.fd, TCSANOW, state);
}

static void die(int number)
{
    if (terminal.taken)
        set(&terminal.found);
    for (size_t i = 0; i < DEADLY; i++)
        if (deadly[i] == number)
            sigaction(number, &terminal.before[i], NULL);
    raise(number);
}

static void stop(int number)
{
    (void)number;
    if (terminal.taken)
        set(&terminal.found);
    raise(SIGSTOP);
}

static void go_on(int number)
{
    (void)number;
    if (terminal.taken)
        set(&terminal.raw);
}

static void catch_signals(void)
{
    const struct sigaction dies = {.sa_handler = die};
    const struct sigaction stops = {.sa_handler = stop, .sa_flags = SA_RESTART};
    const struct sigaction goes_on = {.sa_handler = go_on, .sa_flags = SA_RESTART};

    for (size_t i = 0; i < DEADLY; i++)
        sigaction(deadly[i], &dies, &terminal.before[i]);
    sigaction(SIGTSTP, &stops, NULL);
    sigaction(SIGCONT, &goes_on, NULL);
}

/* Output is as it was: the log and a guest's plain newlines go there, too. */
static void make_raw(struct termios *state)
{
    const tcflag_t output = state->c_oflag;

    cfmakeraw(state);
    state->c_oflag = output;
}

bool terminal_take(int fd)
{
    const bool first = !terminal.known;

    if (terminal.taken)
        return false;
    if (first) {
        if (tcgetattr(fd, &terminal.found) < 0)
            return false;
        terminal.fd = fd;
        terminal.raw = terminal.found;
        make_raw(&terminal.raw);
        terminal.known = true;
        catch_signals();
    }
    terminal.taken = 1;
    set(&terminal.raw);
    return first;
}

void terminal_lose(void)
{
    terminal.taken = 0;
}

void terminal_restore(void)
{
    if (terminal.taken)
        set(&terminal.found);
    terminal.taken = 0;
}
