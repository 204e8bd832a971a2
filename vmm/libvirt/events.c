/* SPDX-License-Identifier: MIT */
#include "vmm/libvirt/events.h"
#include "vmm/cause.h"

#include "vmm/libvirt/room.h"
#include "vmm/machine/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct event_record {
    struct machine_news news;
    struct timespec at;
};

int events_open(struct libvirt *libvirt, struct error *error)
{
    if (pipe2(libvirt->events, O_CLOEXEC | O_NONBLOCK) == 0)
        return 0;
    libvirt->events[0] = libvirt->events[1] = -1;
    return error_set(error, "cannot make a pipe for the monitor: %s", cause_text(errno));
}

/* A guest can reset in a loop, and the pipe must keep room for what comes after. Everything else
 * waits for an operator before it happens once more. */
#define RESETS_WAITING_MOST 100u

static void record(void *who, const struct machine_news *news)
{
    struct libvirt *libvirt = who;
    struct event_record record = {.news = *news};

    if (news->event == MACHINE_DID_RESET &&
        atomic_fetch_add(&libvirt->resets_waiting, 1) >= RESETS_WAITING_MOST) {
        atomic_fetch_sub(&libvirt->resets_waiting, 1);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &record.at);
    const ssize_t written = write(libvirt->events[1], &record, sizeof record);
    (void)written;
}

void events_listen(struct libvirt *libvirt)
{
    machine_listen(libvirt->vm.machine, (struct machine_listener){record, libvirt});
}

static void send_at(struct libvirt *libvirt, const char *name, json_t *data, struct timespec at,
                    bool expendable)
{
    json_t *message =
        json_pack("{s:s, s:{s:I, s:I}}", "event", name, "timestamp", "seconds",
                  (json_int_t)at.tv_sec, "microseconds", (json_int_t)(at.tv_nsec / 1000));

    if (data != NULL)
        json_object_set_new(message, "data", data);
    qmp_clients_send(libvirt->clients, MONITOR_CLIENTS, message, expendable);
}

void events_send(struct libvirt *libvirt, const char *name, json_t *data)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    send_at(libvirt, name, data, now, false);
}

static json_t *cause(bool by_guest, const char *reason)
{
    return json_pack("{s:b, s:s}", "guest", by_guest, "reason", reason);
}

static void tell_panic(struct libvirt *libvirt, struct timespec at)
{
    const bool waits = actions_policy(&libvirt->actions).on_panic == MACHINE_PAUSES;

    send_at(libvirt, "GUEST_PANICKED", json_pack("{s:s}", "action", waits ? "pause" : "poweroff"),
            at, false);
    if (!waits)
        send_at(libvirt, "SHUTDOWN", cause(true, "guest-panic"), at, false);
}

static void tell_end(struct libvirt *libvirt, const struct event_record *record)
{
    const bool by_guest = record->news.by_guest;

    if (record->news.how == MACHINE_PANICKED || record->news.how == MACHINE_CRASHED)
        tell_panic(libvirt, record->at);
    else if (record->news.how == MACHINE_REBOOTED)
        send_at(libvirt, "SHUTDOWN", cause(by_guest, "guest-reset"), record->at, false);
    else
        send_at(libvirt, "SHUTDOWN", cause(by_guest, by_guest ? "guest-shutdown" : "host-qmp-quit"),
                record->at, false);
}

static void tell_one(struct libvirt *libvirt, const struct event_record *record)
{
    const bool by_guest = record->news.by_guest;

    switch (record->news.event) {
    case MACHINE_DID_PAUSE:
        send_at(libvirt, "STOP", NULL, record->at, false);
        break;
    case MACHINE_DID_RESUME:
        libvirt->launched = true;
        send_at(libvirt, "RESUME", NULL, record->at, false);
        break;
    case MACHINE_DID_RESET:
        atomic_fetch_sub(&libvirt->resets_waiting, 1);
        send_at(libvirt, "RESET",
                cause(by_guest, by_guest ? "guest-reset" : "host-qmp-system-reset"), record->at,
                true);
        break;
    case MACHINE_GUEST_IS_OVER:
        tell_end(libvirt, record);
        break;
    }
}

void events_tell(struct libvirt *libvirt)
{
    struct event_record record;

    while (libvirt->events[0] >= 0 &&
           read(libvirt->events[0], &record, sizeof record) == (ssize_t)sizeof record)
        tell_one(libvirt, &record);
}

void events_set_policy(struct libvirt *libvirt)
{
    machine_set_policy(libvirt->vm.machine, actions_policy(&libvirt->actions));
}
