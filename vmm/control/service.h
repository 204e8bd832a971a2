/* SPDX-License-Identifier: MIT
 * From an encoded Request to an encoded Response. Knows no socket; allocates only out of the
 * memory it is given. */
#ifndef HOLDFAST_CONTROL_SERVICE_H
#define HOLDFAST_CONTROL_SERVICE_H

#include "vmm/control/state.h"
#include "vmm/wire/protocol.h"

#include <stddef.h>
#include <stdint.h>

/* What decoding one Request may take. Enough for one of 64 KiB that holds long values, too little
 * for one that holds tens of thousands of unknown fields. */
#define SERVICE_DECODE_ROOM ((size_t)128 << 10)

/* What the parts of the longest Response take before encoding. */
#define SERVICE_REPLY_ROOM ((size_t)512 << 10)

/* The longest encoded Response that this server makes. */
#define SERVICE_RESPONSE_ROOM ((size_t)256 << 10)

/* decode and reply: memory of SERVICE_DECODE_ROOM and SERVICE_REPLY_ROOM bytes. The arena writes
 * to reply while it holds its lock, so that must be locked in memory. Cannot fail. */
void service_init(struct service *service, const struct control_config *config, struct arena *arena,
                  struct machine *machine, void *decode, void *reply);

/* Answers one encoded Request, whatever it holds: writes a Response to response
 * [SERVICE_RESPONSE_ROOM] and returns its length. Cannot fail. */
size_t service_answer(struct service *service, const uint8_t *request, size_t length,
                      uint8_t *response, enum service_after *after);

/* When service_tick() is due, at the latest; UINT64_MAX: it is not. */
uint64_t service_wake(const struct service *service);

/* Ends a drill whose time is over. */
void service_tick(struct service *service, uint64_t now);

/* For a client that is about to be disconnected: ends its drill. */
void service_forget(struct service *service, const void *asker);

/* The longest Response of service_refuse(). */
#define SERVICE_REFUSAL_ROOM 512u

/* Writes a Response that belongs to no request. Returns its length. Cannot fail. */
size_t service_refuse(Status status, const char *message, uint8_t response[SERVICE_REFUSAL_ROOM]);

#endif
