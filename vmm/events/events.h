/* SPDX-License-Identifier: MIT
 * What has happened to the VM, for operators who watch: the last EVENTS_KEPT events, of the one VM
 * of this process.
 *
 * To record one takes no lock, allocates nothing, writes to no file and cannot fail, so that the
 * map path may do it. What a guest can make happen as often as it likes is bounded: it must not
 * push out all else.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_EVENTS_EVENTS_H
#define HOLDFAST_EVENTS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENTS_KEPT 512u

/* With the numbers of the protocol. */
enum event_kind {
    EVENT_PAUSED = 1,
    EVENT_RESUMED = 2,
    EVENT_RESET = 3,
    EVENT_FAULT = 4,         /* an access was answered with #GP */
    EVENT_RESCUE_BEGINS = 5, /* the host refuses memory to a call or a vCPU */
    EVENT_RESCUE_ENDS = 6,
    EVENT_ATTACHED = 7,
    EVENT_DETACHED = 8,
    EVENT_GUEST_ENDED = 9,
    EVENT_VM_ENDS = 10,
    EVENT_KINDS
};

#define EVENT_NAME_ROOM 64u

/* What does not belong to the kind is 0. */
struct event {
    uint64_t number;  /* from 1 on; events_record() sets it, the time and the name */
    uint64_t time_ms; /* since 1970 */
    enum event_kind kind;
    uint32_t vcpu;
    bool has_vcpu;
    bool by_guest;
    bool has_address;
    uint32_t tag;
    uint64_t window;    /* handle */
    uint64_t address;   /* guest-physical */
    uint64_t rip;       /* of the instruction */
    uint64_t waited_ms; /* of a rescue that ends */
    uint64_t left_out;  /* events of this kind before this one, for which there were too many */
    char name[EVENT_NAME_ROOM]; /* of the object, the call that is rescued, or the end */
};

/* Touches the memory, so that no record waits for a page. Before any other thread is there. */
void events_begin(void);

/* name: NULL, or what the event is to be given for one, cut to the room. */
void events_record(const struct event *event, const char *name);

/* Copies those with a number above after, at most room of them, the oldest first. Returns how many;
 * next is the number to go on from, lost how many were passed over that are not kept any more. Any
 * thread. */
uint32_t events_read(uint64_t after, struct event *events, uint32_t room, uint64_t *next,
                     uint64_t *lost);

/* Whether events_read() has something to tell. One that is being recorded is not there yet. */
bool events_are_there(uint64_t after);

/* The number of the last one; 0: there was none. */
uint64_t events_last(void);

#endif
