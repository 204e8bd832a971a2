/* SPDX-License-Identifier: MIT
 * Control sockets by path. */
#include "vmm/wire/socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int socket_path_check(const char *path, struct error *error)
{
    size_t length = strlen(path);
    if (length <= SOCKET_PATH_MAX)
        return 0;
    return error_set(error,
                     "the socket's path is too long: %zu bytes, at most %zu fit; choose a shorter "
                     "one (%.200s)",
                     length, SOCKET_PATH_MAX, path);
}

static int connect_to(int fd, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, length);
    return connect(fd, (const struct sockaddr *)&address, sizeof address);
}

int socket_connect(const char *path)
{
    /* connect() reports a file that is no socket as ECONNREFUSED; such a file must never pass for
     * a dead socket, because those are deleted. */
    struct stat status;
    if (stat(path, &status) != 0)
        return -1;
    if (!S_ISSOCK(status.st_mode)) {
        errno = ENOTSOCK;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect_to(fd, path) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

enum socket_life socket_probe(const char *path)
{
    int fd = socket_connect(path);
    if (fd >= 0) {
        close(fd);
        return SOCKET_LIVE;
    }
    switch (errno) {
    case EAGAIN:
        return SOCKET_LIVE;
    case ECONNREFUSED:
        return SOCKET_DEAD;
    case ENOENT:
        return SOCKET_ABSENT;
    default:
        return SOCKET_UNKNOWN;
    }
}
