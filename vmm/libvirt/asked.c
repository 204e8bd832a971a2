/* SPDX-License-Identifier: MIT
 * -machine none: libvirt wants to know what this emulator can do. A process in the background
 * answers; the one that libvirt has started ends as soon as there is somebody to ask. */
#include "vmm/cause.h"
#include "vmm/libvirt/events.h"
#include "vmm/libvirt/monitor.h"
#include "vmm/libvirt/room.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Should libvirt die before it has ended us. */
#define IDLE_MS 60000

static int write_pid(struct made_file *made, const char *path, struct error *error)
{
    char text[16];
    const int length = snprintf(text, sizeof text, "%d\n", (int)getpid());
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd >= 0)
        made_file_note(made, fd);
    const bool written = fd >= 0 && write(fd, text, (size_t)length) == length;
    if (written) {
        close(fd);
        return 0;
    }
    error_set(error, "-pidfile %s: %s", path, cause_text(errno));
    if (fd >= 0) { /* half of it is worse than none */
        made_file_remove(made, path);
        close(fd);
    }
    return -1;
}

/* libvirt reads standard error until its end: nothing of ours may keep it open. */
static int leave_terminal(struct error *error)
{
    const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return error_set(error, "/dev/null: %s", cause_text(errno));
    for (int i = 0; i < 3; i++)
        dup2(fd, i);
    close(fd);
    return 0;
}

/* 0 in the process that goes on, its parent's exit status + 1 in the parent, -1 with the error set.
 * The parent leaves when the child has written the PID file. */
static int go_to_background(struct made_file *made, const char *pidfile, struct error *error)
{
    int ready[2];
    char byte = 0;

    if (pipe2(ready, O_CLOEXEC) < 0)
        return error_set(error, "pipe: %s", cause_text(errno));
    const pid_t child = fork();
    if (child < 0)
        return error_set(error, "fork: %s", cause_text(errno));
    close(ready[child > 0]);
    if (child > 0) {
        const ssize_t got = read(ready[0], &byte, 1);
        close(ready[0]);
        return got == 1 ? 1 : 2;
    }
    setsid();
    if ((pidfile != NULL && write_pid(made, pidfile, error) < 0)) {
        fprintf(stderr, "holdfast-vmm: %s\n", error->text);
        _exit(2);
    }
    if (leave_terminal(error) < 0 || write(ready[1], &byte, 1) != 1)
        _exit(2);
    close(ready[1]);
    return 0;
}

static void answer(struct libvirt *libvirt)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    const int signals = signalfd(-1, &set, SFD_CLOEXEC);
    monitor_run(libvirt, signals, libvirt->line.daemonize ? IDLE_MS : -1);
    events_send(libvirt, "SHUTDOWN",
                json_pack("{s:b, s:s}", "guest", 0, "reason",
                          libvirt->quit ? "host-qmp-quit" : "host-signal"));
    close(signals);
}

int libvirt_answer(struct libvirt *libvirt, struct error *error)
{
    const char *pidfile = libvirt->line.pidfile;

    if (monitor_listen(libvirt, error) < 0)
        return 2;
    const int parent = libvirt->line.daemonize
                           ? go_to_background(&libvirt->made_pidfile, pidfile, error)
                       : pidfile != NULL ? write_pid(&libvirt->made_pidfile, pidfile, error)
                                         : 0;
    if (parent < 0)
        return 2;
    if (parent > 0) {
        libvirt->made_path = NULL; /* it is the child's now */
        return parent - 1;
    }
    answer(libvirt);
    if (pidfile != NULL)
        made_file_remove(&libvirt->made_pidfile, pidfile);
    return 0;
}
