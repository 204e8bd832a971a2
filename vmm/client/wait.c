/* SPDX-License-Identifier: MIT
 * Waiting for replies. Of several threads that wait, one polls the socket and the others wait for
 * it. */
#include "vmm/client/wait.h"
#include "vmm/client/connection.h"
#include "vmm/client/reply.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int milliseconds_until(uint64_t deadline)
{
    const uint64_t now = connection_clock();
    if (deadline == UINT64_MAX)
        return -1;
    if (deadline <= now)
        return 0;
    return deadline - now > INT_MAX ? INT_MAX : (int)(deadline - now);
}

/* Waits for the socket. The lock is held, but not meanwhile. */
static void poll_socket(struct holdfast *connection)
{
    struct pollfd polled[] = {
        {.fd = connection->fd, .events = exchange_events(connection)},
        {.fd = connection->alarm, .events = POLLIN},
    };
    const int wait = milliseconds_until(exchange_deadline(connection));
    eventfd_t count;
    connection->is_polled = true;
    pthread_mutex_unlock(&connection->lock);
    if (poll(polled, 2, wait) > 0 && polled[1].revents != 0)
        eventfd_read(connection->alarm, &count);
    pthread_mutex_lock(&connection->lock);
    connection->is_polled = false;
    pthread_cond_broadcast(&connection->changed);
}

/* The lock is held. */
static void wait_until_done(struct holdfast *connection, const struct request *request)
{
    while (request->state != REQUEST_DONE) {
        if (connection->is_polled) {
            pthread_cond_wait(&connection->changed, &connection->lock);
            continue;
        }
        exchange_go_on(connection);
        if (request->state != REQUEST_DONE)
            poll_socket(connection);
    }
}

const struct holdfast_reply *wait_for(struct holdfast *connection, uint64_t number)
{
    if (connection == NULL)
        return &reply_no_memory;
    if (number == 0)
        return &reply_too_many;
    pthread_mutex_lock(&connection->lock);
    struct request *request = request_find(connection, number);
    wait_until_done(connection, request);
    const struct holdfast_reply *reply = request_take(request);
    pthread_mutex_unlock(&connection->lock);
    return reply;
}

const struct holdfast_reply *holdfast_wait(struct holdfast *connection, uint64_t number)
{
    if (connection == NULL)
        return &reply_no_memory;
    pthread_mutex_lock(&connection->lock);
    struct request *request = request_find(connection, number);
    const bool is_ours = request != NULL && !request->is_waited_for;
    if (is_ours)
        request->is_waited_for = true;
    pthread_mutex_unlock(&connection->lock);
    return is_ours ? wait_for(connection, number) : &reply_no_request;
}

/* The oldest that nobody waits for; NULL: there is none. */
static struct request *find_done(struct holdfast *connection)
{
    struct request *done = NULL;
    for (size_t i = 0; i < HOLDFAST_REQUESTS_MOST; i++) {
        struct request *request = &connection->requests[i];
        if (request->number != 0 && request->state == REQUEST_DONE && !request->is_waited_for &&
            (done == NULL || request->number < done->number))
            done = request;
    }
    return done;
}

const struct holdfast_reply *holdfast_receive(struct holdfast *connection)
{
    if (connection == NULL)
        return NULL;
    pthread_mutex_lock(&connection->lock);
    exchange_go_on(connection);
    exchange_look(connection);
    struct request *done = find_done(connection);
    const struct holdfast_reply *reply = done != NULL ? request_take(done) : NULL;
    pthread_mutex_unlock(&connection->lock);
    return reply;
}

short holdfast_poll_events(struct holdfast *connection)
{
    if (connection == NULL)
        return 0;
    pthread_mutex_lock(&connection->lock);
    const short events = exchange_events(connection);
    pthread_mutex_unlock(&connection->lock);
    return events;
}

int holdfast_poll_timeout(struct holdfast *connection)
{
    if (connection == NULL)
        return 0;
    pthread_mutex_lock(&connection->lock);
    const int wait = find_done(connection) != NULL || atomic_load(&connection->is_interrupted)
                         ? 0
                         : milliseconds_until(exchange_deadline(connection));
    pthread_mutex_unlock(&connection->lock);
    return wait;
}

/* ---- the end of a VM ---- */

int holdfast_process(struct holdfast *connection)
{
    struct ucred server;
    socklen_t length = sizeof server;
    int none = -1;
    if (connection == NULL || connection->fd < 0)
        return -1;
    int process = atomic_load(&connection->process);
    if (process >= 0 ||
        getsockopt(connection->fd, SOL_SOCKET, SO_PEERCRED, &server, &length) != 0 ||
        server.pid <= 0)
        return process;
    process = (int)syscall(SYS_pidfd_open, server.pid, 0);
    if (process < 0 || atomic_compare_exchange_strong(&connection->process, &none, process))
        return process;
    close(process); /* another thread was first */
    return none;
}

/* Throws away what the VM still sends. false: it has closed the connection. */
static bool drain(int fd)
{
    char thrown_away[4096];
    const ssize_t bytes = recv(fd, thrown_away, sizeof thrown_away, MSG_DONTWAIT);
    return bytes > 0 || (bytes < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Waits until a descriptor can be read. */
static enum holdfast_status wait_readable(struct holdfast *connection, int fd, uint64_t deadline)
{
    struct pollfd polled[] = {
        {.fd = fd, .events = POLLIN},
        {.fd = connection->alarm, .events = POLLIN},
    };
    const bool is_interrupted = atomic_load(&connection->is_interrupted);
    const int ready = is_interrupted ? 0 : poll(polled, 2, milliseconds_until(deadline));
    if (atomic_load(&connection->is_interrupted))
        return HOLDFAST_INTERRUPTED;
    if (connection_clock() >= deadline)
        return HOLDFAST_TIMED_OUT;
    return ready > 0 && polled[0].revents != 0 ? HOLDFAST_OK : HOLDFAST_BUSY;
}

enum holdfast_status holdfast_wait_end(struct holdfast *connection, uint32_t milliseconds)
{
    if (connection == NULL)
        return HOLDFAST_NO_MEMORY;
    if (connection->fd < 0)
        return holdfast_status(connection);
    const uint64_t deadline = connection_clock() + milliseconds;
    const int process = holdfast_process(connection);
    enum holdfast_status status;
    do {
        status = wait_readable(connection, connection->fd, deadline);
    } while (status == HOLDFAST_BUSY || (status == HOLDFAST_OK && drain(connection->fd)));
    if (status != HOLDFAST_OK || process < 0)
        return status;
    do {
        status = wait_readable(connection, process, deadline);
    } while (status == HOLDFAST_BUSY);
    return status;
}
