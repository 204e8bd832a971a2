/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include "vmm/cause.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define TRIES    50
#define PAUSE_NS 100000000L

static int notify_fd = -1;
static uint64_t watchdog_ns;

/* A number of the environment; 0: it is none. */
static uint64_t number(const char *name)
{
    const char *text = getenv(name);
    char *end;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return 0;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0 && value < UINT64_MAX / 1000 ? value : 0;
}

/* Meant for this process, and not for one that has started it. */
static void read_watchdog(void)
{
    const uint64_t process = number("WATCHDOG_PID");

    if (process == 0 || process == (uint64_t)getpid())
        watchdog_ns = number("WATCHDOG_USEC") * 1000;
}

static int connect_to(const char *name, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t length = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof address.sun_path)
        return error_set(error,
                         "NOTIFY_SOCKET is '%.120s': must be a path, or @ and an abstract name, of "
                         "at most %zu bytes",
                         name, sizeof address.sun_path - 1);
    memcpy(address.sun_path, name, length);
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (notify_fd >= 0 &&
        connect(notify_fd, (const struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) == 0)
        return 0;
    error_set(error, "NOTIFY_SOCKET %.120s: cannot be reached: %s", name, cause_text(errno));
    if (notify_fd >= 0)
        close(notify_fd);
    notify_fd = -1;
    return -1;
}

int notify_open(struct error *error)
{
    const char *name = getenv("NOTIFY_SOCKET");

    if (name == NULL || name[0] == '\0')
        return 0;
    if (connect_to(name, error) < 0)
        return -1;
    read_watchdog();
    return 0;
}

uint64_t notify_watchdog_ns(void)
{
    return watchdog_ns;
}

bool notify_try(const char *text)
{
    return notify_fd < 0 || write(notify_fd, text, strlen(text)) >= 0;
}

bool notify_say(const char *text)
{
    for (int i = 0; i < TRIES; i++) {
        if (notify_try(text))
            return true;
        if (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM && errno != EINTR)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return false;
}
