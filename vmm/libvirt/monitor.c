/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/monitor.h"
#include "vmm/cause.h"

#include "vmm/libvirt/dump.h"
#include "vmm/libvirt/events.h"
#include "vmm/libvirt/qmp.h"
#include "vmm/libvirt/room.h"
#include "vmm/libvirt/words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ACCEPT_PAUSE_MS 200

/* ---- the socket ---- */

static int take_listener(struct libvirt *libvirt, const char *text, struct error *error)
{
    uint64_t fd;
    int listens = 0;
    socklen_t length = sizeof listens;

    if (!words_number(text, 1, &fd) || fd > 0x7fffffff ||
        getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 || listens == 0)
        return error_set(error, "-chardev fd=%.32s: not a listening socket", text);
    libvirt->listener = (int)fd;
    fcntl(libvirt->listener, F_SETFD, FD_CLOEXEC);
    fcntl(libvirt->listener, F_SETFL, fcntl(libvirt->listener, F_GETFL) | O_NONBLOCK);
    return 0;
}

static int make_listener(struct libvirt *libvirt, const char *path, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path)
        return error_set(error, "the monitor's path %.200s is too long for a socket", path);
    strcpy(address.sun_path, path);
    libvirt->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (libvirt->listener < 0 || fchmod(libvirt->listener, 0600) != 0 ||
        bind(libvirt->listener, (const struct sockaddr *)&address, sizeof address) != 0)
        return error_set(error, "cannot make the monitor's socket %s: %s", path, cause_text(errno));
    libvirt->made_path = path;
    made_file_note_path(&libvirt->made_socket, path);
    if (listen(libvirt->listener, (int)MONITOR_CLIENTS) != 0)
        return error_set(error, "cannot listen on %s: %s", path, cause_text(errno));
    return 0;
}

int monitor_listen(struct libvirt *libvirt, struct error *error)
{
    const struct command_line *line = &libvirt->line;

    if (line->monitor == NULL)
        return make_listener(libvirt, line->qmp_path, error);
    const json_t *chardev = command_line_chardev(line, line->monitor);
    const char *fd = chardev != NULL ? words_get(chardev, "fd") : NULL;
    const char *path = chardev != NULL ? words_get(chardev, "path") : NULL;
    if (fd != NULL)
        return take_listener(libvirt, fd, error);
    if (path != NULL && words_among(words_get(chardev, "backend"), "socket"))
        return make_listener(libvirt, path, error);
    return error_set(error, "-mon chardev=%.64s: there is no such -chardev socket", line->monitor);
}

void monitor_end(struct libvirt *libvirt)
{
    for (uint32_t i = 0; i < MONITOR_CLIENTS; i++)
        if (libvirt->clients[i].fd >= 0)
            qmp_client_end(&libvirt->clients[i]);
    if (libvirt->listener >= 0)
        close(libvirt->listener);
    libvirt->listener = -1;
    if (libvirt->made_path != NULL)
        made_file_remove(&libvirt->made_socket, libvirt->made_path);
    libvirt->made_path = NULL;
}

/* ---- the clients ---- */

/* false: none can be had now. */
static bool accept_one(struct libvirt *libvirt)
{
    const int fd = accept4(libvirt->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
    libvirt->joined = true;
    for (uint32_t i = 0; i < MONITOR_CLIENTS; i++) {
        struct qmp_client *client = &libvirt->clients[i];
        if (client->fd < 0 && qmp_client_begin(client, fd)) {
            qmp_client_send(client, qmp_greeting());
            return true;
        }
        if (client->fd < 0)
            return false;
    }
    close(fd);
    return true;
}

/* Answers what is whole, as long as there is room for answers. */
static void answer_all(struct libvirt *libvirt, struct qmp_client *client)
{
    enum qmp_frame_result found = QMP_FRAME_WHOLE;
    const char *text;
    size_t length;

    while (!client->broken && client->output_length < QMP_OUTPUT_FULL && !client->last) {
        found = qmp_client_next(client, &text, &length);
        if (found == QMP_FRAME_MORE)
            break;
        qmp_answer(libvirt, client, found, text, length);
    }
    if (found == QMP_FRAME_MORE && qmp_client_is_full(client)) {
        client->last = true;
        qmp_client_send(client, json_pack("{s:{s:s, s:s}}", "error", "class", "GenericError",
                                          "desc", "JSON parse error, the request is too long"));
    }
}

static void serve(struct libvirt *libvirt, struct qmp_client *client, short events)
{
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 && (qmp_client_events(client) & POLLIN) != 0)
        qmp_client_receive(client, &libvirt->handed_over);
    qmp_client_flush(client);
    answer_all(libvirt, client);
    if (client->broken || (client->last && client->output_length == 0))
        qmp_client_end(client);
}

/* ---- the loop ---- */

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

enum { POLL_STOP, POLL_SIGNALS, POLL_EVENTS, POLL_DUMP, POLL_LISTENER, POLL_CLIENTS };
#define POLLED (POLL_CLIENTS + MONITOR_CLIENTS)

/* Fills in what to wait for; returns how many clients there are. */
static uint32_t prepare(const struct libvirt *libvirt, int signals, bool accepting,
                        struct pollfd polled[POLLED])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < MONITOR_CLIENTS; i++) {
        const struct qmp_client *client = &libvirt->clients[i];
        polled[POLL_CLIENTS + i] = (struct pollfd){.fd = client->fd};
        if (client->fd >= 0) {
            polled[POLL_CLIENTS + i].events = qmp_client_events(client);
            count++;
        }
    }
    /* Further clients wait in the socket's queue. */
    const bool room = accepting && count < MONITOR_CLIENTS;
    polled[POLL_STOP] = (struct pollfd){.fd = libvirt->stop, .events = POLLIN};
    polled[POLL_SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
    polled[POLL_EVENTS] = (struct pollfd){.fd = libvirt->events[0], .events = POLLIN};
    polled[POLL_DUMP] = (struct pollfd){.fd = libvirt->dump.finished, .events = POLLIN};
    polled[POLL_LISTENER] = (struct pollfd){.fd = room ? libvirt->listener : -1, .events = POLLIN};
    return count;
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){.tv_nsec = ACCEPT_PAUSE_MS * 1000000L}, NULL);
}

void monitor_run(struct libvirt *libvirt, int signals, int idle_ms)
{
    struct pollfd polled[POLLED];
    uint64_t used = now_ms();
    bool accepting = true;

    while (!libvirt->quit) {
        const uint32_t count = prepare(libvirt, signals, accepting, polled);
        const uint64_t now = now_ms();
        if (count > 0)
            used = now;
        if (idle_ms >= 0 && now - used >= (uint64_t)idle_ms)
            return;
        const int wait = !accepting ? ACCEPT_PAUSE_MS : idle_ms;
        if (poll(polled, POLLED, wait) < 0) {
            if (errno != EINTR)
                pause_briefly(); /* a shortage in the kernel */
            continue;
        }
        if (polled[POLL_STOP].revents != 0 || polled[POLL_SIGNALS].revents != 0)
            return;
        if (polled[POLL_DUMP].revents != 0)
            dump_end(libvirt);
        events_tell(libvirt);
        for (uint32_t i = 0; i < MONITOR_CLIENTS; i++)
            if (libvirt->clients[i].fd >= 0)
                serve(libvirt, &libvirt->clients[i], polled[POLL_CLIENTS + i].revents);
        accepting = polled[POLL_LISTENER].revents == 0 || accept_one(libvirt);
    }
}
