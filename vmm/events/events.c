/* SPDX-License-Identifier: MIT
 * A ring of records, each of words that are read and written one by one. A record that two threads
 * are about to write, because the ring has come round meanwhile, is left to the first of them; a
 * reader sees by its number, before and after, that what it has read is whole. */
#include "vmm/events/events.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define NAME_WORDS (EVENT_NAME_ROOM / sizeof(uint64_t))
#define WORDS      (9u + NAME_WORDS)

struct record {
    _Atomic bool is_written;  /* a thread is at it */
    _Atomic uint64_t number;  /* of the event that it holds whole; 0: of none */
    _Atomic uint64_t skipped; /* the last one that found a thread at it */
    _Atomic uint64_t words[WORDS];
};

/* What a guest can make happen: so many at once, and then so many a second. */
#define BURST       16u
#define INTERVAL_MS 500u
#define KINDS_BURST (BURST * (uint64_t)INTERVAL_MS)

struct allowance {
    _Atomic uint64_t spent_until_ms; /* each event moves it on by an interval */
    _Atomic uint64_t left_out;
};

static struct record records[EVENTS_KEPT];
static struct allowance allowances[EVENT_KINDS];
static _Atomic uint64_t last;

void events_begin(void)
{
    for (size_t i = 0; i < EVENTS_KEPT; i++) {
        atomic_store(&records[i].number, 0);
        atomic_store(&records[i].skipped, 0);
        for (size_t word = 0; word < WORDS; word++)
            atomic_store(&records[i].words[word], 0);
    }
    for (size_t kind = 0; kind < EVENT_KINDS; kind++) {
        atomic_store(&allowances[kind].spent_until_ms, 0);
        atomic_store(&allowances[kind].left_out, 0);
    }
    atomic_store(&last, 0);
}

/* The coarse clocks take no system call on any host. */
static uint64_t milliseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_by_operators(enum event_kind kind)
{
    return kind == EVENT_ATTACHED || kind == EVENT_DETACHED || kind == EVENT_VM_ENDS;
}

/* Whether one more of this kind is recorded now. */
static bool is_allowed(enum event_kind kind)
{
    struct allowance *allowance = &allowances[kind];
    const uint64_t now = milliseconds(CLOCK_MONOTONIC_COARSE) + KINDS_BURST;
    uint64_t spent = atomic_load(&allowance->spent_until_ms);
    uint64_t next;
    if (is_by_operators(kind))
        return true;
    do {
        next = (spent + KINDS_BURST < now ? now - KINDS_BURST : spent) + INTERVAL_MS;
        if (next > now) {
            atomic_fetch_add(&allowance->left_out, 1);
            return false;
        }
    } while (!atomic_compare_exchange_weak(&allowance->spent_until_ms, &spent, next));
    return true;
}

static void pack(const struct event *event, uint64_t words[WORDS])
{
    words[0] = event->time_ms;
    words[1] = (uint64_t)event->kind;
    words[2] = (uint64_t)event->vcpu << 32 | event->tag;
    words[3] = (uint64_t)event->has_vcpu << 2 | (uint64_t)event->by_guest << 1 |
               (uint64_t)event->has_address;
    words[4] = event->window;
    words[5] = event->address;
    words[6] = event->rip;
    words[7] = event->waited_ms;
    words[8] = event->left_out;
    memcpy(words + 9, event->name, sizeof event->name);
}

static void unpack(const uint64_t words[WORDS], uint64_t number, struct event *event)
{
    *event = (struct event){
        .number = number,
        .time_ms = words[0],
        .kind = (enum event_kind)words[1],
        .vcpu = (uint32_t)(words[2] >> 32),
        .tag = (uint32_t)words[2],
        .has_vcpu = (words[3] & 4) != 0,
        .by_guest = (words[3] & 2) != 0,
        .has_address = (words[3] & 1) != 0,
        .window = words[4],
        .address = words[5],
        .rip = words[6],
        .waited_ms = words[7],
        .left_out = words[8],
    };
    memcpy(event->name, words + 9, sizeof event->name);
}

void events_record(const struct event *event, const char *name)
{
    struct event timed = *event;
    uint64_t words[WORDS];
    if (!is_allowed(event->kind))
        return;
    if (name != NULL)
        memcpy(timed.name, name, strnlen(name, sizeof timed.name - 1)); /* the rest is 0 */
    timed.time_ms = milliseconds(CLOCK_REALTIME_COARSE);
    timed.left_out = atomic_exchange(&allowances[event->kind].left_out, 0);
    pack(&timed, words);
    const uint64_t number = atomic_fetch_add(&last, 1) + 1;
    struct record *record = &records[number % EVENTS_KEPT];
    if (atomic_exchange(&record->is_written, true)) {
        atomic_store(&record->skipped, number);
        return;
    }
    if (atomic_load(&record->number) < number) {
        atomic_store(&record->number, 0);
        for (size_t word = 0; word < WORDS; word++)
            atomic_store(&record->words[word], words[word]);
        atomic_store(&record->number, number);
    }
    atomic_store(&record->is_written, false);
}

uint64_t events_last(void)
{
    return atomic_load(&last);
}

enum reading { WHOLE, LOST, UNDER_WAY };

static enum reading read_one(uint64_t number, struct event *event)
{
    struct record *record = &records[number % EVENTS_KEPT];
    uint64_t words[WORDS];
    const uint64_t held = atomic_load(&record->number);
    if (held > number || atomic_load(&record->skipped) >= number)
        return LOST;
    if (held < number)
        return UNDER_WAY;
    for (size_t word = 0; word < WORDS; word++)
        words[word] = atomic_load(&record->words[word]);
    unpack(words, number, event);
    return atomic_load(&record->number) == number ? WHOLE : LOST;
}

bool events_are_there(uint64_t after)
{
    const uint64_t end = events_last();
    struct event event;
    if (after >= end)
        return after > end; /* of another VM, or made up: to be told so */
    return end - after > EVENTS_KEPT || read_one(after + 1, &event) != UNDER_WAY;
}

uint32_t events_read(uint64_t after, struct event *events, uint32_t room, uint64_t *next,
                     uint64_t *lost)
{
    const uint64_t end = events_last();
    uint32_t count = 0;
    *lost = 0;
    if (after > end)
        after = end;
    if (end - after > EVENTS_KEPT) {
        *lost = end - after - EVENTS_KEPT;
        after = end - EVENTS_KEPT;
    }
    while (after < end && count < room) {
        const enum reading reading = read_one(after + 1, &events[count]);
        if (reading == UNDER_WAY)
            break;
        after++;
        count += reading == WHOLE;
        *lost += reading == LOST;
    }
    *next = after;
    return count;
}
