/* SPDX-License-Identifier: MIT
 * What every file here needs of a connection. */
#include "vmm/client/connection.h"

#include "vmm/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

uint64_t connection_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void connection_fail(struct holdfast *connection, enum holdfast_status status, const char *format,
                     ...)
{
    va_list args;
    if (connection->status != HOLDFAST_OK)
        return;
    va_start(args, format);
    vsnprintf(connection->error.text, sizeof connection->error.text, format, args);
    va_end(args);
    utf8_make_plain(connection->error.text);
    connection->status = status;
}
