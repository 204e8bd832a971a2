/* SPDX-License-Identifier: MIT */
#include "vmm/ctl/connect.h"
#include "vmm/cause.h"

#include "vmm/wire/runtime_directory.h"
#include "vmm/wire/socket.h"
#include "vmm/wire/vm_name.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Several times what the largest response of this protocol takes. */
#define DECODE_ROOM ((size_t)16 << 20)
#define INPUT_ROOM  (FRAME_HEADER + (size_t)RESPONSE_MAX)

uint64_t peer_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static enum exit_code write_path(struct peer *peer, const char *directory, const char *suffix,
                                 struct error *error)
{
    int length = snprintf(peer->path, sizeof peer->path, "%s%s%s%s", directory,
                          directory[0] != '\0' ? "/" : "", peer->vm, suffix);
    if (length >= 0 && (size_t)length < sizeof peer->path)
        return EXIT_OK;
    error_set(error, "the path of the control socket is too long");
    return EXIT_USAGE;
}

static enum exit_code explain_connect(const struct peer *peer, struct error *error)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        error_set(error, "no VM %s is running: there is no socket %s", peer->vm, peer->path);
        return EXIT_NO_VM;
    case ECONNREFUSED:
        error_set(error, "no VM %s is running: nobody listens on %s any more", peer->vm,
                  peer->path);
        return EXIT_NO_VM;
    case EACCES:
    case EPERM:
        error_set(error, "you may not control the VM %s: %s: %s", peer->vm, peer->path,
                  cause_text(errno));
        return EXIT_PERMISSION;
    case EAGAIN:
        error_set(error, "the VM %s does not answer: too many clients wait for it", peer->vm);
        return EXIT_CONTACT;
    default:
        error_set(error, "cannot reach the VM %s on %s: %s", peer->vm, peer->path,
                  cause_text(errno));
        return EXIT_CONTACT;
    }
}

/* Connects to peer->path. */
static enum exit_code open_path(struct peer *peer, struct error *error)
{
    peer->fd = socket_connect(peer->path);
    if (peer->fd < 0)
        return explain_connect(peer, error);
    peer->memory = malloc(INPUT_ROOM + DECODE_ROOM);
    if (peer->memory == NULL) {
        error_set(error, "%s", cause_text(ENOMEM));
        close(peer->fd);
        return EXIT_FAILED;
    }
    frame_reader_init(&peer->input, peer->memory, INPUT_ROOM);
    bounded_init(&peer->decode, peer->memory + INPUT_ROOM, DECODE_ROOM);
    return EXIT_OK;
}

static void begin(struct peer *peer, const char *vm)
{
    *peer = (struct peer){.fd = -1, .vm = vm, .descriptor = -1, .wait_ms = PEER_WAIT_MS};
}

enum exit_code peer_open_in(struct peer *peer, const char *directory, const char *vm,
                            struct error *error)
{
    begin(peer, vm);
    enum exit_code code = write_path(peer, directory, VM_SOCKET_SUFFIX, error);
    return code == EXIT_OK ? open_path(peer, error) : code;
}

/* In the first directory that has it. Where it is in none, the first tells why; another that is
 * closed to this user may be the reason, too. */
static enum exit_code open_named(struct peer *peer, const char *vm, struct error *error)
{
    char directories[RUNTIME_DIRECTORIES_MOST][PATH_MAX];
    struct error other = {.text = ""};
    enum exit_code code = EXIT_CONTACT;
    if (vm_name_check(vm, error) != 0)
        return EXIT_USAGE;
    int count = runtime_directory_search(directories, error);
    for (int i = 0; i < count; i++) {
        enum exit_code here = peer_open_in(peer, directories[i], vm, i == 0 ? error : &other);
        if (i == 0)
            code = here;
        if (here != EXIT_NO_VM && here != EXIT_PERMISSION)
            return i == 0 ? code : (*error = other, here);
        if (i > 0 && here == EXIT_PERMISSION && code == EXIT_NO_VM)
            error_set(error, "no VM %s of yours is running, and %s is not open to you", vm,
                      directories[i]);
    }
    return code;
}

enum exit_code peer_open(struct peer *peer, const char *vm, struct error *error)
{
    begin(peer, vm);
    if (strchr(vm, '/') == NULL)
        return open_named(peer, vm, error);
    enum exit_code code = write_path(peer, "", "", error);
    return code == EXIT_OK ? open_path(peer, error) : code;
}

void peer_close(struct peer *peer)
{
    close(peer->fd);
    free(peer->memory);
}

static bool gives_up(const struct peer *peer)
{
    return peer->give_up != NULL && *peer->give_up != 0;
}

/* Waits for events of a descriptor; false when the time is over. */
static bool wait_for(const struct peer *peer, int fd, short events, uint64_t deadline)
{
    for (;;) {
        uint64_t now = peer_clock_ms();
        struct pollfd polled = {.fd = fd, .events = events};
        if (now >= deadline || gives_up(peer))
            return false;
        if (poll(&polled, 1, (int)(deadline - now)) > 0)
            return true;
    }
}

/* send() of some of it, with the descriptor if there is one. */
static ssize_t send_some(struct peer *peer, const uint8_t *bytes, size_t length)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS,
                            .cmsg_len = CMSG_LEN(sizeof(int))}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (peer->descriptor >= 0) {
        memcpy(CMSG_DATA(&control.header), &peer->descriptor, sizeof(int));
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
    }
    const ssize_t sent = sendmsg(peer->fd, &message, MSG_NOSIGNAL);
    if (sent > 0)
        peer->descriptor = -1;
    return sent;
}

enum peer_io peer_send(struct peer *peer, const uint8_t *bytes, size_t length, uint64_t deadline)
{
    while (length > 0) {
        ssize_t sent = send_some(peer, bytes, length);
        if (sent >= 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            if (!wait_for(peer, peer->fd, POLLOUT, deadline))
                return PEER_LATE;
        } else if (errno != EINTR) {
            return PEER_CLOSED;
        }
    }
    return PEER_DONE;
}

enum peer_io peer_receive(struct peer *peer, uint64_t deadline)
{
    for (;;) {
        size_t room;
        uint8_t *space = frame_reader_space(&peer->input, &room);
        ssize_t bytes = recv(peer->fd, space, room, 0);
        if (bytes > 0) {
            frame_reader_add(&peer->input, (size_t)bytes);
            return PEER_DONE;
        }
        if (bytes == 0 || (errno != EAGAIN && errno != EINTR)) {
            peer->ended = true;
            return PEER_CLOSED;
        }
        if (!wait_for(peer, peer->fd, POLLIN, deadline))
            return PEER_LATE;
    }
}

int peer_process(const struct peer *peer)
{
    struct ucred server;
    socklen_t length = sizeof server;
    if (getsockopt(peer->fd, SOL_SOCKET, SO_PEERCRED, &server, &length) != 0 || server.pid <= 0)
        return -1;
    return (int)syscall(SYS_pidfd_open, server.pid, 0);
}

bool peer_wait_end(struct peer *peer, int process, uint32_t milliseconds)
{
    uint64_t deadline = peer_clock_ms() + milliseconds;
    enum peer_io state;
    do {
        frame_reader_init(&peer->input, peer->input.buffer, INPUT_ROOM);
        state = peer_receive(peer, deadline);
    } while (state == PEER_DONE && peer_clock_ms() < deadline);
    if (state != PEER_CLOSED)
        return false;
    return process < 0 || wait_for(peer, process, POLLIN, deadline);
}
