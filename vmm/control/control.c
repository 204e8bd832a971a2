/* SPDX-License-Identifier: MIT
 * Start and end of the control service: its memory, its socket, its threads. */
#include "vmm/control/control.h"
#include "vmm/cause.h"

#include "vmm/control/claim.h"
#include "vmm/control/server.h"
#include "vmm/control/service.h"
#include "vmm/control/worker.h"
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

/* Workers enter the arena's lock, on which MAP waits. They must not stop there for a page of their
 * own, which a full memory cgroup may never give them: their stacks and what the arena writes to
 * are locked in memory beforehand. So is what answers at once. */
#define GUARD_ROOM ((size_t)4096)
#define THREADS    (1 + WORKERS)

static const struct room {
    size_t stack;
    size_t decode;
    size_t reply;
} rooms[] = {
    {(size_t)128 << 10, SERVICE_DECODE_ROOM, SERVICE_REPLY_SMALL},  /* the loop */
    {(size_t)256 << 10, SERVICE_DECODE_SMALL, SERVICE_REPLY_ROOM},  /* lists */
    {(size_t)128 << 10, SERVICE_DECODE_SMALL, SERVICE_REPLY_SMALL}, /* all others */
};

struct control {
    struct control_config config;
    struct claim claim;
    struct service service;
    struct server server;
    struct worker workers[WORKERS];
    uint32_t workers_started;
    pthread_t thread;
    int stop;
    int done;
    uint8_t *place[THREADS]; /* of each thread: guard, stack, decode, reply */
};

static const struct room *room_of(uint32_t thread)
{
    return &rooms[thread < 2 ? thread : 2];
}

static size_t locked_room(uint32_t thread)
{
    const struct room *room = room_of(thread);

    return room->stack + room->decode + room->reply;
}

/* One mapping: struct control, the clients' buffers, the workers' responses, then each thread's
 * place. */
#define CONTROL_ROOM   ((sizeof(struct control) + 4095) & ~(size_t)4095)
#define BUFFERS_ROOM   ((SERVER_BUFFERS + 4095) & ~(size_t)4095)
#define RESPONSES_ROOM (WORKERS * SERVICE_RESPONSE_ROOM)

static size_t total_room(void)
{
    size_t total = CONTROL_ROOM + BUFFERS_ROOM + RESPONSES_ROOM;

    for (uint32_t i = 0; i < THREADS; i++)
        total += GUARD_ROOM + locked_room(i);
    return total;
}

/* Cuts the places and locks them; false with errno. */
static bool make_places(struct control *control)
{
    uint8_t *at = (uint8_t *)control + CONTROL_ROOM + BUFFERS_ROOM + RESPONSES_ROOM;

    for (uint32_t i = 0; i < THREADS; i++) {
        control->place[i] = at;
        if (mprotect(at, GUARD_ROOM, PROT_NONE) != 0 || mlock(at + GUARD_ROOM, locked_room(i)) != 0)
            return false;
        at += GUARD_ROOM + locked_room(i);
    }
    return true;
}

static struct control *make_memory(struct error *error)
{
    struct control *control = mmap(NULL, total_room(), PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (control == MAP_FAILED) {
        error_set(error, "cannot allocate %zu KiB for the control service: %s", total_room() >> 10,
                  cause_text(errno));
        return NULL;
    }
    /* A huge page would hold what nobody has used, unlocked, and charged to the memory cgroup. A
     * kernel without them refuses. */
    madvise(control, total_room(), MADV_NOHUGEPAGE);
    if (!make_places(control)) {
        error_set(error, "cannot lock memory for the control service: %s", cause_of_lock(errno));
        munmap(control, total_room());
        return NULL;
    }
    return control;
}

static uint8_t *stack_of(const struct control *control, uint32_t thread)
{
    return control->place[thread] + GUARD_ROOM;
}

static void init_answerer(const struct control *control, uint32_t thread, struct answerer *answerer)
{
    const struct room *room = room_of(thread);
    uint8_t *decode = stack_of(control, thread) + room->stack;

    answerer_init(answerer, decode, room->decode, decode + room->decode, room->reply);
}

static void *serve_clients(void *argument)
{
    struct control *control = argument;
    atomic_store(&control->server.thread_id, gettid());
    sandbox_enter(SANDBOX_CONTROL);
    server_run(&control->server);
    return NULL;
}

/* Signals are for the other threads. */
static int start_thread(struct control *control)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int failed = pthread_attr_init(&attributes);
    if (failed == 0)
        failed = pthread_attr_setstack(&attributes, stack_of(control, 0), room_of(0)->stack);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (failed == 0)
        failed = pthread_create(&control->thread, &attributes, serve_clients, control);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (failed != 0)
        return failed;
    sandbox_expect();
    pthread_setname_np(control->thread, "control");
    return 0;
}

static void stop_workers(struct control *control)
{
    while (control->workers_started > 0)
        worker_stop(&control->workers[--control->workers_started]);
}

static int start_workers(struct control *control)
{
    uint8_t *responses = (uint8_t *)control + CONTROL_ROOM + BUFFERS_ROOM;
    int failed = 0;

    for (uint32_t i = 0; i < WORKERS && failed == 0; i++) {
        struct worker *worker = &control->workers[i];
        worker->kind = worker_kinds[i];
        worker->service = &control->service;
        worker->done = control->done;
        worker->response = responses + i * SERVICE_RESPONSE_ROOM;
        init_answerer(control, 1 + i, &worker->answerer);
        failed = worker_start(worker, stack_of(control, 1 + i), room_of(1 + i)->stack);
        control->workers_started += failed == 0;
    }
    return failed;
}

static int start_threads(struct control *control, struct error *error)
{
    int failed = start_workers(control);
    if (failed == 0)
        failed = start_thread(control);
    if (failed == 0)
        return 0;
    stop_workers(control);
    return error_set(error, "cannot start the control service's threads: %s",
                     cause_of_thread(failed));
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

static void close_events(struct control *control)
{
    if (control->stop >= 0)
        close(control->stop);
    if (control->done >= 0)
        close(control->done);
}

static void init_server(struct control *control)
{
    struct server *server = &control->server;

    *server = (struct server){
        .desk = {.service = &control->service, .workers = control->workers},
        .listener = control->claim.listener,
        .group = control->claim.group,
        .stop = control->stop,
        .done = control->done,
    };
    init_answerer(control, 0, &server->desk.answerer);
    server_init(server, (uint8_t *)control + CONTROL_ROOM);
}

static int start(struct control *control, struct error *error)
{
    if (check_limit(error) != 0)
        return -1;
    control->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    control->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int result = control->stop < 0 || control->done < 0
                     ? error_set(error, "cannot make an eventfd for the control service: %s",
                                 cause_text(errno))
                     : claim_make(&control->claim, &control->config, error);
    if (result == 0) {
        init_server(control);
        result = start_threads(control, error);
        if (result != 0)
            claim_release(&control->claim);
    }
    if (result != 0)
        close_events(control);
    return result;
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
    control->config = *config;
    service_init(&control->service, &control->config, arena, machine);
    if (start(control, error) == 0)
        return control;
    munmap(control, total_room());
    return NULL;
}

int control_directory(const struct control *control)
{
    return control->claim.directory;
}

const char *control_socket_path(const struct control *control)
{
    return control->claim.path;
}

uint64_t control_rounds(const struct control *control, int *thread_id)
{
    *thread_id = atomic_load(&control->server.thread_id);
    return atomic_load_explicit(&control->server.rounds, memory_order_relaxed);
}

void control_wake(const struct control *control)
{
    eventfd_write(control->done, 1);
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
    stop_workers(control);
    server_close_descriptors(&control->server);
    close_events(control);
    munmap(control, total_room());
}
