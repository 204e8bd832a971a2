/* SPDX-License-Identifier: MIT
 * Words to whoever supervises the process, as sd_notify(3) describes them: a datagram to the socket
 * that NOTIFY_SOCKET names. Where it names none, nothing is said. */
#ifndef HOLDFAST_PROCESS_NOTIFY_H
#define HOLDFAST_PROCESS_NOTIFY_H

#include "vmm/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Opens the socket: no thread may do so once the guest runs. Before the first thread. 0, or -1 with
 * the error set: NOTIFY_SOCKET makes no sense, or nobody listens there. */
int notify_open(struct error *error);

/* How often WATCHDOG=1 is wanted at the latest, nanoseconds; 0: not at all. After notify_open(). */
uint64_t notify_watchdog_ns(void);

/* Each is one line, such as "READY=1\nSTATUS=runs". Tries for a few seconds where the other side is
 * slow or the host short of memory. false: it was not taken. Any thread. */
bool notify_say(const char *text);

/* The same, tried once. */
bool notify_try(const char *text);

#endif
