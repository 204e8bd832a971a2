/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HANDED_OVER 3 /* SD_LISTEN_FDS_START */
#define BACKLOG     64
#define HOST_TEXT   64u

/* getaddrinfo(3) takes the low 16 bits of any number. */
static bool is_port(const char *text)
{
    char *end;
    const unsigned long port = strtoul(text, &end, 10);

    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && port <= 65535;
}

/* "[::1]:80" or "127.0.0.1:80" in two. false: it is neither. */
static bool split(const char *address, char host[HOST_TEXT], char port[8])
{
    const char *colon = strrchr(address, ':');
    const bool bracketed = address[0] == '[';

    if (colon == NULL || strlen(colon + 1) >= 8 || !is_port(colon + 1))
        return false;
    size_t length = (size_t)(colon - address);
    if (bracketed && (length < 2 || address[length - 1] != ']'))
        return false;
    if (bracketed) {
        address++;
        length -= 2;
    }
    if (length == 0 || length >= HOST_TEXT || (memchr(address, ':', length) != NULL) != bracketed)
        return false;
    memcpy(host, address, length);
    host[length] = '\0';
    strcpy(port, colon + 1);
    return true;
}

static int bind_and_listen(const struct addrinfo *where)
{
    const int on = 1;
    const int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (where->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

static int open_address(const char *address, struct error *error)
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *where;
    char host[HOST_TEXT];
    char port[8];

    if (!split(address, host, port) || getaddrinfo(host, port, &hints, &where) != 0)
        return error_set(error,
                         "--listen %.100s: not an address and a port by number, such as "
                         "127.0.0.1:9748 or [::1]:9748",
                         address);
    const int fd = bind_and_listen(where);
    const int cause = errno;
    freeaddrinfo(where);
    if (fd < 0)
        return error_set(error, "cannot listen on %.100s: %s", address, cause_text(cause));
    return fd;
}

/* What sd_listen_fds(3) reads. 0: there is none for this process. */
static int count_handed_over(void)
{
    const char *process = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    const bool is_ours = process != NULL && count != NULL && atol(process) == (long)getpid();
    const int descriptors = is_ours ? atoi(count) : 0;

    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return descriptors;
}

static bool has_option(int fd, int option, int value)
{
    int found;
    socklen_t length = sizeof found;

    return getsockopt(fd, SOL_SOCKET, option, &found, &length) == 0 && found == value;
}

static int take_handed_over(int count, struct error *error)
{
    if (count != 1)
        return error_set(error, "systemd has handed over %d sockets: it must be one", count);
    if (!has_option(HANDED_OVER, SO_TYPE, SOCK_STREAM) ||
        !has_option(HANDED_OVER, SO_ACCEPTCONN, 1))
        return error_set(error, "what systemd has handed over is no stream socket that listens; "
                                "use ListenStream= and Accept=no");
    fcntl(HANDED_OVER, F_SETFD, FD_CLOEXEC);
    fcntl(HANDED_OVER, F_SETFL, fcntl(HANDED_OVER, F_GETFL) | O_NONBLOCK);
    return HANDED_OVER;
}

static void describe(int fd, char text[LISTENER_TEXT])
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    char host[HOST_TEXT];
    char port[8];

    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
        getnameinfo((struct sockaddr *)&address, length, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0 ||
        address.ss_family == AF_UNIX)
        snprintf(text, LISTENER_TEXT, "a Unix socket");
    else
        snprintf(text, LISTENER_TEXT,
                 address.ss_family == AF_INET6 ? "http://[%s]:%s" : "http://%s:%s", host, port);
}

int listener_open(const char *address, const char *otherwise, char text[LISTENER_TEXT],
                  struct error *error)
{
    const int handed_over = count_handed_over();
    int fd;

    if (address == NULL && handed_over > 0)
        fd = take_handed_over(handed_over, error);
    else
        fd = open_address(address != NULL ? address : otherwise, error);
    if (fd >= 0)
        describe(fd, text);
    return fd;
}
