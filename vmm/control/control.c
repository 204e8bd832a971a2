/* SPDX-License-Identifier: MIT
 * Start and end of the control service: its memory, its socket, its thread. */
#include "vmm/control/control.h"
#include "vmm/cause.h"

#include "vmm/control/claim.h"
#include "vmm/control/server.h"
#include "vmm/control/service.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* The thread enters the arena's lock, on which MAP waits. It must not stop there for a page of
 * its own, which a full memory cgroup may never give it: its stack and what the arena writes to
 * are locked in memory beforehand. */
#define GUARD_ROOM  ((size_t)4096)
#define STACK_ROOM  ((size_t)256 << 10)
#define LOCKED_ROOM (STACK_ROOM + SERVICE_DECODE_ROOM + SERVICE_REPLY_ROOM)

struct control {
    struct control_config config;
    struct claim claim;
    struct service service;
    struct server server;
    pthread_t thread;
    int stop;
};

/* One mapping: guard, stack, decode, reply (these three locked), struct control, buffers. */
#define CONTROL_ROOM ((sizeof(struct control) + 4095) & ~(size_t)4095)
#define TOTAL_ROOM   (GUARD_ROOM + LOCKED_ROOM + CONTROL_ROOM + SERVER_BUFFERS)

static uint8_t *memory_of(struct control *control)
{
    return (uint8_t *)control - LOCKED_ROOM - GUARD_ROOM;
}

static struct control *make_memory(struct error *error)
{
    uint8_t *memory = mmap(NULL, TOTAL_ROOM, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        error_set(error, "cannot allocate %zu KiB for the control service: %s", TOTAL_ROOM >> 10,
                  cause_text(errno));
        return NULL;
    }
    if (mprotect(memory, GUARD_ROOM, PROT_NONE) != 0 ||
        mlock(memory + GUARD_ROOM, LOCKED_ROOM) != 0) {
        error_set(error, "cannot lock %zu KiB for the control service: %s", LOCKED_ROOM >> 10,
                  cause_of_lock(errno));
        munmap(memory, TOTAL_ROOM);
        return NULL;
    }
    return (struct control *)(void *)(memory + GUARD_ROOM + LOCKED_ROOM);
}

static void *serve_clients(void *argument)
{
    struct control *control = argument;
    sandbox_enter(SANDBOX_CONTROL);
    server_run(&control->server);
    return NULL;
}

/* Signals are for the other threads. */
static int start_thread(struct control *control, struct error *error)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int failed = pthread_attr_init(&attributes);
    if (failed == 0)
        failed = pthread_attr_setstack(&attributes, memory_of(control) + GUARD_ROOM, STACK_ROOM);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failed == 0)
        failed = pthread_create(&control->thread, &attributes, serve_clients, control);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (failed != 0)
        return error_set(error, "cannot start the control service's thread: %s",
                         cause_of_thread(failed));
    sandbox_expect();
    pthread_setname_np(control->thread, "control");
    return 0;
}

/* poll() refuses more descriptors than the process may have, used or not. */
static int check_limit(struct error *error)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < SERVER_POLLED)
        return error_set(error,
                         "only %llu open files are allowed (ulimit -n), the control service needs "
                         "at least %u",
                         (unsigned long long)limit.rlim_cur, (unsigned)SERVER_POLLED);
    return 0;
}

static int start(struct control *control, struct error *error)
{
    if (check_limit(error) != 0)
        return -1;
    control->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (control->stop < 0)
        return error_set(error, "cannot make an eventfd for the control service: %s",
                         cause_text(errno));
    if (claim_make(&control->claim, &control->config, error) != 0) {
        close(control->stop);
        return -1;
    }
    server_init(&control->server, &control->service, control->claim.listener, control->claim.group,
                control->stop, (uint8_t *)control + CONTROL_ROOM);
    if (start_thread(control, error) != 0) {
        claim_release(&control->claim);
        close(control->stop);
        return -1;
    }
    return 0;
}

static struct control *set_aside; /* memory for the next one to start */

int control_set_aside(struct error *error)
{
    set_aside = make_memory(error);
    return set_aside != NULL ? 0 : -1;
}

struct control *control_start(const struct control_config *config, struct arena *arena,
                              struct machine *machine, struct error *error)
{
    struct control *control = set_aside != NULL ? set_aside : make_memory(error);
    set_aside = NULL;
    if (control == NULL)
        return NULL;
    uint8_t *decode = memory_of(control) + GUARD_ROOM + STACK_ROOM;
    control->config = *config;
    service_init(&control->service, &control->config, arena, machine, decode,
                 decode + SERVICE_DECODE_ROOM);
    if (start(control, error) == 0)
        return control;
    munmap(memory_of(control), TOTAL_ROOM);
    return NULL;
}

const char *control_socket_path(const struct control *control)
{
    return control->claim.path;
}

void control_stop(struct control *control)
{
    if (control == NULL)
        return;
    eventfd_write(control->stop, 1);
    pthread_join(control->thread, NULL);
    /* A client that sees the end of its connection may use the name again at once. */
    claim_release(&control->claim);
    server_end(&control->server);
    close(control->stop);
    munmap(memory_of(control), TOTAL_ROOM);
}
