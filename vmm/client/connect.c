/* SPDX-License-Identifier: MIT
 * Connections: finding the socket, connecting, closing. */
#include "vmm/client/connection.h"

#include "vmm/cause.h"
#include "vmm/wire/runtime_directory.h"
#include "vmm/wire/socket.h"
#include "vmm/wire/vm_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TIME_LIMIT_MOST 3600000u

/* ---- finding the socket ---- */

static bool write_path(struct holdfast *connection, const char *directory, const char *suffix)
{
    int length = snprintf(connection->path, sizeof connection->path, "%s%s%s%s", directory,
                          directory[0] != '\0' ? "/" : "", connection->name, suffix);
    if (length >= 0 && (size_t)length < sizeof connection->path)
        return true;
    connection_fail(connection, HOLDFAST_BAD_ARGUMENT,
                    "the path of the control socket is too long");
    return false;
}

static void explain_connect(struct holdfast *connection, int reason)
{
    const char *name = connection->name;
    switch (reason) {
    case ENOENT:
    case ENOTDIR:
        connection_fail(connection, HOLDFAST_NO_VM, "no VM %s is running: there is no socket %s",
                        name, connection->path);
        break;
    case ECONNREFUSED:
        connection_fail(connection, HOLDFAST_NO_VM,
                        "no VM %s is running: nobody listens on %s any more", name,
                        connection->path);
        break;
    case EACCES:
    case EPERM:
        connection_fail(connection, HOLDFAST_NOT_PERMITTED, "you may not control the VM %s: %s: %s",
                        name, connection->path, cause_text(reason));
        break;
    case EAGAIN:
        connection_fail(connection, HOLDFAST_UNREACHABLE,
                        "the VM %s does not answer: too many clients wait for it", name);
        break;
    default:
        connection_fail(connection, HOLDFAST_UNREACHABLE, "cannot reach the VM %s on %s: %s", name,
                        connection->path, cause_text(reason));
        break;
    }
}

/* Connects to connection->path. */
static void open_path(struct holdfast *connection)
{
    connection->fd = socket_connect(connection->path);
    if (connection->fd < 0)
        explain_connect(connection, errno);
}

/* In one directory, as if there were no other. */
static void open_in(struct holdfast *connection, const char *directory)
{
    connection->status = HOLDFAST_OK;
    connection->error.text[0] = '\0';
    if (write_path(connection, directory, VM_SOCKET_SUFFIX))
        open_path(connection);
}

/* In the first directory that has it. Where it is in none, the first tells why; another that is
 * closed to this user may be the reason, too. */
static void open_named(struct holdfast *connection)
{
    char directories[RUNTIME_DIRECTORIES_MOST][PATH_MAX];
    struct error error;
    struct error first = {.text = ""};
    enum holdfast_status status = HOLDFAST_UNREACHABLE;
    if (vm_name_check(connection->name, &error) != 0) {
        connection_fail(connection, HOLDFAST_BAD_ARGUMENT, "%s", error.text);
        return;
    }
    int count = runtime_directory_search(directories, &first);
    for (int i = 0; i < count; i++) {
        open_in(connection, directories[i]);
        const enum holdfast_status here = connection->status;
        if (i == 0) {
            status = here;
            first = connection->error;
        }
        if (here != HOLDFAST_NO_VM && here != HOLDFAST_NOT_PERMITTED)
            return;
        if (i > 0 && here == HOLDFAST_NOT_PERMITTED && status == HOLDFAST_NO_VM)
            error_set(&first, "no VM %s of yours is running, and %s is not open to you",
                      connection->name, directories[i]);
    }
    connection->status = status;
    connection->error = first;
}

/* ---- making and closing ---- */

static void discard(struct holdfast *connection)
{
    const int process = atomic_load(&connection->process);
    for (size_t i = 0; i < HOLDFAST_REQUESTS_MOST; i++)
        request_discard(&connection->requests[i]);
    if (connection->fd >= 0)
        close(connection->fd);
    if (connection->alarm >= 0)
        close(connection->alarm);
    if (process >= 0)
        close(process);
    free(connection->input.buffer);
    free(connection->name);
    free(connection);
}

static bool make_condition(pthread_cond_t *changed)
{
    return pthread_cond_init(changed, NULL) == 0;
}

/* NULL for want of memory. */
static struct holdfast *make(const char *name)
{
    struct holdfast *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    uint8_t *input = malloc(INPUT_ROOM);
    connection->fd = -1;
    atomic_init(&connection->process, -1);
    atomic_init(&connection->is_interrupted, false);
    connection->limit_ms = HOLDFAST_TIME_LIMIT_MS;
    connection->name = strdup(name);
    connection->alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    frame_reader_init(&connection->input, input, INPUT_ROOM);
    if (input == NULL || connection->name == NULL || !make_condition(&connection->changed)) {
        discard(connection);
        return NULL;
    }
    pthread_mutex_init(&connection->lock, NULL);
    if (connection->alarm < 0)
        connection_fail(connection, HOLDFAST_UNREACHABLE, "cannot make an eventfd: %s",
                        cause_text(errno));
    return connection;
}

struct holdfast *holdfast_connect(const char *vm)
{
    struct holdfast *connection = make(vm);
    if (connection == NULL || connection->status != HOLDFAST_OK)
        return connection;
    if (strchr(vm, '/') == NULL)
        open_named(connection);
    else if (write_path(connection, "", ""))
        open_path(connection);
    return connection;
}

struct holdfast *holdfast_connect_to(const char *path, const char *name)
{
    struct holdfast *connection = make(name);
    if (connection == NULL || connection->status != HOLDFAST_OK)
        return connection;
    int length = snprintf(connection->path, sizeof connection->path, "%s", path);
    if (length < 0 || (size_t)length >= sizeof connection->path)
        connection_fail(connection, HOLDFAST_BAD_ARGUMENT,
                        "the path of the control socket is too long");
    else
        open_path(connection);
    return connection;
}

void holdfast_close(struct holdfast *connection)
{
    if (connection == NULL)
        return;
    pthread_cond_destroy(&connection->changed);
    pthread_mutex_destroy(&connection->lock);
    discard(connection);
}

/* ---- what a connection is ---- */

enum holdfast_status holdfast_status(struct holdfast *connection)
{
    if (connection == NULL)
        return HOLDFAST_NO_MEMORY;
    pthread_mutex_lock(&connection->lock);
    const enum holdfast_status status = connection->status;
    pthread_mutex_unlock(&connection->lock);
    return status;
}

const char *holdfast_text(struct holdfast *connection)
{
    const enum holdfast_status status = holdfast_status(connection);
    if (status == HOLDFAST_OK)
        return "";
    /* It is written before the status, and never again. */
    return connection != NULL ? connection->error.text : "Cannot allocate memory";
}

const char *holdfast_path(const struct holdfast *connection)
{
    return connection != NULL ? connection->path : "";
}

int holdfast_fd(const struct holdfast *connection)
{
    return connection != NULL ? connection->fd : -1;
}

void holdfast_set_time_limit(struct holdfast *connection, uint32_t milliseconds)
{
    if (connection == NULL || milliseconds == 0 || milliseconds > TIME_LIMIT_MOST)
        return;
    pthread_mutex_lock(&connection->lock);
    connection->limit_ms = milliseconds;
    pthread_mutex_unlock(&connection->lock);
}

void holdfast_interrupt(struct holdfast *connection)
{
    if (connection == NULL)
        return;
    const int reason = errno;
    atomic_store(&connection->is_interrupted, true);
    eventfd_write(connection->alarm, 1);
    errno = reason;
}
