/* SPDX-License-Identifier: MIT
 * From an encoded Request to an encoded Response. Knows no socket; allocates only out of the
 * memory it is given. */
#ifndef HOLDFAST_CONTROL_SERVICE_H
#define HOLDFAST_CONTROL_SERVICE_H

#include "vmm/control/state.h"
#include "vmm/wire/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What decoding one Request may take, before it is stripped. Enough for one of 64 KiB that holds
 * long values, too little for one that holds tens of thousands of unknown fields. */
#define SERVICE_DECODE_ROOM ((size_t)128 << 10)

/* What the parts of the longest Response take before encoding. */
#define SERVICE_REPLY_ROOM ((size_t)512 << 10)

/* The longest encoded Response that this server makes. */
#define SERVICE_RESPONSE_ROOM ((size_t)256 << 10)

/* What decoding a request that was stripped takes, and a reply that is no list. */
#define SERVICE_DECODE_SMALL ((size_t)16 << 10)
#define SERVICE_REPLY_SMALL  ((size_t)24 << 10)

/* Cannot fail. */
void service_init(struct service *service, const struct control_config *config, struct arena *arena,
                  struct machine *machine);

/* The arena writes to reply while it holds its lock, so that must be locked in memory. Cannot fail.
 */
void answerer_init(struct answerer *answerer, void *decode, size_t decode_room, void *reply,
                   size_t reply_room);

/* What a call may wait for, and so which thread answers it: one that waits for a file that never
 * answers is to hold up no other. */
enum service_kind {
    SERVICE_AT_ONCE, /* nothing: Ping, Info, Resume, Stop, and what makes no sense */
    SERVICE_LISTS,   /* the arena's lock */
    SERVICE_MACHINE, /* vCPUs that are to stop */
    SERVICE_DETACH,  /* calls of the guest, the host's memory */
    SERVICE_ATTACH,  /* a file system, the host's memory */
    SERVICE_EVENTS,  /* an event, without a thread: then it is answered at once */
};

/* A request of some kind, without what nobody reads: the longest path fits. */
#define SERVICE_STRIPPED_ROOM 4608u
struct service_request {
    uint64_t asker; /* a number of the client's own; 0: nobody */
    uint64_t turn;  /* a number of the request's own */
    uint64_t id;    /* that the client has given it */
    int descriptor; /* that came with it; -1: none */
    uint64_t event; /* of SERVICE_EVENTS: after which one, and how long to wait for it */
    uint32_t event_wait_ms;
    size_t length;
    uint8_t bytes[SERVICE_STRIPPED_ROOM];
};

/* Sorts an encoded Request, whatever it holds. If it is not to be answered at once, it is copied,
 * and takes_descriptor says whether one belongs to it. Cannot fail. */
enum service_kind service_sort(struct answerer *answerer, const uint8_t *bytes, size_t length,
                               struct service_request *request, bool *takes_descriptor);

/* Whether Events has something to tell of. Waits for nothing. */
bool service_has_event(uint64_t after);

/* Answers one encoded Request, whatever it holds: writes a Response to response
 * [SERVICE_RESPONSE_ROOM] and returns its length. descriptor: -1, or one that was handed over; it
 * is -1 afterwards if it was taken. Cannot fail. */
size_t service_answer(struct service *service, struct answerer *answerer, uint64_t asker,
                      int *descriptor, const uint8_t *request, size_t length, uint8_t *response,
                      enum service_after *after);

/* When service_tick() is due, at the latest; UINT64_MAX: it is not. */
uint64_t service_wake(const struct service *service);

/* Ends a drill whose time is over, or whose client is gone. By the thread that answers drills. */
void service_tick(struct service *service, uint64_t now);

/* For a client that is gone. Whether that has begun a drill, for which service_tick() is due. Waits
 * for nothing. */
bool service_forget(struct service *service, uint64_t asker);

/* The longest Response of service_refuse(). */
#define SERVICE_REFUSAL_ROOM 512u

/* Writes a Response to a request, or to none where id is 0. Returns its length. Cannot fail. */
size_t service_refuse(uint64_t id, Status status, const char *message,
                      uint8_t response[SERVICE_REFUSAL_ROOM]);

#endif
