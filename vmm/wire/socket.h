/* SPDX-License-Identifier: MIT
 * Control sockets by path: their addresses, and whether somebody listens. */
#ifndef HOLDFAST_WIRE_SOCKET_H
#define HOLDFAST_WIRE_SOCKET_H

#include "vmm/error.h"

#include <sys/un.h>

/* Bytes of the longest path: a server makes its socket as ".NAME-PID" beside the final name. */
#define SOCKET_TEMPORARY_MAX 9u
#define SOCKET_PATH_MAX      (sizeof((struct sockaddr_un *)0)->sun_path - 1 - SOCKET_TEMPORARY_MAX)

/* 0, or -1 with the error set if the path is too long for a socket that others can connect to. */
int socket_path_check(const char *path, struct error *error);

/* A non-blocking stream socket connected to path, or -1 with errno set: ECONNREFUSED if nobody
 * listens, EAGAIN if somebody does who does not accept, ENOTSOCK if path is not a socket. */
int socket_connect(const char *path);

enum socket_life {
    SOCKET_ABSENT,  /* nothing there */
    SOCKET_DEAD,    /* a socket without a listener */
    SOCKET_LIVE,    /* somebody listens */
    SOCKET_UNKNOWN, /* errno says why it cannot be told */
};

enum socket_life socket_probe(const char *path);

#endif
