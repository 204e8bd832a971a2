/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/libvirt.h"
#include "vmm/cause.h"
#include "vmm/process/thread.h"
#include "vmm/sandbox/sandbox.h"

#include "vmm/libvirt/dump.h"
#include "vmm/libvirt/events.h"
#include "vmm/libvirt/monitor.h"
#include "vmm/libvirt/own_words.h"
#include "vmm/libvirt/room.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool libvirt_wrote(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] != '-' || argv[1][1] == '-')
        return false;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-machine") == 0 || strcmp(argv[i], "-M") == 0)
            return true;
    return false;
}

static int check(struct libvirt *libvirt, struct error *error)
{
    struct command_line *line = &libvirt->line;

    if (line->monitor == NULL && line->qmp_path == NULL)
        return error_set(error, "neither -mon nor -qmp: nobody could manage this machine");
    if (line->asks)
        return 0;
    if (line->daemonize || line->pidfile != NULL)
        return error_set(error, "-daemonize, -pidfile: only with -machine none");
    return own_words_make(libvirt, error);
}

static void choose_actions(struct libvirt *libvirt)
{
    const struct command_line *line = &libvirt->line;

    libvirt->actions = (struct actions){
        .pause_at_shutdown = line->no_shutdown,
        .shutdown_at_reboot = line->no_reboot,
    };
    actions_change(&libvirt->actions, line->reboot, line->shutdown, line->panic);
}

struct libvirt *libvirt_read(int argc, char **argv, struct error *error)
{
    struct libvirt *libvirt = calloc(1, sizeof *libvirt);

    if (libvirt == NULL) {
        error_set(error, "%s", cause_text(ENOMEM));
        return NULL;
    }
    libvirt->listener = libvirt->stop = libvirt->events[0] = libvirt->events[1] = -1;
    libvirt->handed_over = libvirt->dump.fd = libvirt->dump.finished = -1;
    for (uint32_t i = 0; i < MONITOR_CLIENTS; i++)
        libvirt->clients[i].fd = -1;
    if (command_line_read(&libvirt->line, argc, argv, error) < 0 || check(libvirt, error) < 0) {
        libvirt_free(libvirt);
        return NULL;
    }
    choose_actions(libvirt);
    return libvirt;
}

char **libvirt_own_words(const struct libvirt *libvirt, int *argc)
{
    *argc = libvirt->own_count;
    return libvirt->own;
}

bool libvirt_only_asks(const struct libvirt *libvirt)
{
    return libvirt->line.asks;
}

static void *serve(void *argument)
{
    struct libvirt *libvirt = argument;

    sandbox_enter(SANDBOX_MONITOR);
    monitor_run(libvirt, -1, -1);
    if (libvirt->quit)
        machine_stop(libvirt->vm.machine);
    return NULL;
}

/* Signals are for the other threads. */
static int start_thread(struct libvirt *libvirt, struct error *error)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = thread_start(&libvirt->thread, serve, libvirt);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return error_set(error, "cannot start the monitor's thread: %s", cause_of_thread(failed));
    pthread_setname_np(libvirt->thread, "monitor");
    sandbox_expect();
    libvirt->begun = true;
    return 0;
}

int libvirt_begin(struct libvirt *libvirt, const struct libvirt_vm *vm, struct error *error)
{
    libvirt->vm = *vm;
    libvirt->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    libvirt->dump.finished = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (libvirt->stop < 0 || libvirt->dump.finished < 0)
        return error_set(error, "cannot make an eventfd for the monitor: %s", cause_text(errno));
    if (monitor_listen(libvirt, error) < 0 || events_open(libvirt, error) < 0)
        return -1;
    libvirt->launched = !libvirt->line.paused;
    events_listen(libvirt);
    events_set_policy(libvirt);
    if (dump_begin(&libvirt->dump, error) < 0)
        return -1;
    if (start_thread(libvirt, error) == 0)
        return 0;
    dump_stop(&libvirt->dump);
    return -1;
}

int libvirt_directory(const struct libvirt *libvirt)
{
    return libvirt != NULL && libvirt->made_socket.is_held ? libvirt->made_socket.directory : -1;
}

void libvirt_end(struct libvirt *libvirt)
{
    uint8_t status;

    if (libvirt == NULL || !libvirt->begun)
        return;
    libvirt->begun = false;
    eventfd_write(libvirt->stop, 1);
    pthread_join(libvirt->thread, NULL);
    dump_end(libvirt);
    dump_stop(&libvirt->dump);
    machine_listen(libvirt->vm.machine, (struct machine_listener){NULL, NULL});
    events_tell(libvirt);
    if (machine_wait(libvirt->vm.machine, &status) == MACHINE_STOPPED)
        events_send(libvirt, "SHUTDOWN",
                    json_pack("{s:b, s:s}", "guest", 0, "reason",
                              libvirt->quit ? "host-qmp-quit" : "host-signal"));
}

void libvirt_free(struct libvirt *libvirt)
{
    if (libvirt == NULL)
        return;
    monitor_end(libvirt);
    dump_free(libvirt);
    for (int i = 0; i < 2; i++)
        if (libvirt->events[i] >= 0)
            close(libvirt->events[i]);
    if (libvirt->stop >= 0)
        close(libvirt->stop);
    for (int i = 0; i < libvirt->own_count; i++)
        free(libvirt->own[i]);
    free(libvirt->own);
    command_line_free(&libvirt->line);
    free(libvirt);
}
