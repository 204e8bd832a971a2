/* SPDX-License-Identifier: MIT
 * holdfastctl events: prints what happens to a VM until it ends. */
#include "vmm/ctl/interrupt.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/text.h"
#include "vmm/ctl/vm.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define WAIT_MS 8000u /* for an event, before it is asked again */

static const struct {
    enum holdfast_event_kind kind;
    const char *word;
    const char *text;
} kinds[] = {
    {HOLDFAST_EVENT_PAUSED, "paused", "paused"},
    {HOLDFAST_EVENT_RESUMED, "resumed", "resumed"},
    {HOLDFAST_EVENT_RESET, "reset", "reset"},
    {HOLDFAST_EVENT_FAULT, "fault", "fault"},
    {HOLDFAST_EVENT_RESCUE_BEGINS, "rescue_begins", "waits for the host's memory:"},
    {HOLDFAST_EVENT_RESCUE_ENDS, "rescue_ends", "goes on:"},
    {HOLDFAST_EVENT_ATTACHED, "attached", "attached"},
    {HOLDFAST_EVENT_DETACHED, "detached", "detached"},
    {HOLDFAST_EVENT_GUEST_ENDED, "guest_ended", "the guest has ended:"},
    {HOLDFAST_EVENT_VM_ENDS, "vm_ends", "the VM ends:"},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static const char *word_of(enum holdfast_event_kind kind)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].word;
    return "unknown";
}

static const char *text_of(enum holdfast_event_kind kind)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].kind == kind)
            return kinds[i].text;
    return "something that this holdfastctl does not know";
}

/* ---- for programs ---- */

static json_t *or_null(bool known, uint64_t number)
{
    return known ? report_json_number(number) : json_null();
}

static json_t *event_json(const struct holdfast_event *event)
{
    char tag[TEXT_NUMBER];
    text_tag(event->tag, tag);
    json_t *object =
        json_pack("{s:o, s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "number",
                  report_json_number(event->number), "time_ms", report_json_number(event->time_ms),
                  "event", word_of(event->kind), "by_guest", event->by_guest, "name",
                  report_json_text(event->name), "vcpu", or_null(event->vcpu_known, event->vcpu),
                  "window", or_null(event->window != 0, event->window), "address",
                  or_null(event->address_known, event->address), "waited_ms",
                  or_null(event->kind == HOLDFAST_EVENT_RESCUE_ENDS, event->waited_ms), "left_out",
                  report_json_number(event->left_out));
    if (event->kind == HOLDFAST_EVENT_FAULT)
        json_object_set_new(object, "rip", report_json_number(event->rip));
    if (event->window != 0 && event->kind != HOLDFAST_EVENT_FAULT)
        json_object_set_new(object, "tag_text", json_string(tag));
    return object;
}

/* ---- for people ---- */

static void print_time(uint64_t time_ms)
{
    const time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    char text[32];
    if (localtime_r(&seconds, &parts) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        snprintf(text, sizeof text, "?");
    printf("%s.%03u  ", text, (unsigned)(time_ms % 1000));
}

static void print_place(const struct holdfast_event *event)
{
    char tag[TEXT_NUMBER];
    char clean[TEXT_NUMBER * 4];
    if (event->vcpu_known)
        printf(" by vCPU %" PRIu32, event->vcpu);
    if (event->address_known)
        printf(" at 0x%" PRIx64, event->address);
    if (event->kind == HOLDFAST_EVENT_FAULT)
        printf(", instruction at 0x%" PRIx64, event->rip);
    if (event->window == 0)
        return;
    printf(", window 0x%" PRIx64, event->window);
    if (event->kind == HOLDFAST_EVENT_FAULT)
        return;
    text_tag(event->tag, tag);
    text_clean(tag, clean, sizeof clean);
    printf(" of %s", clean);
}

static void print(const struct holdfast_event *event)
{
    char name[256];
    text_clean(event->name, name, sizeof name);
    print_time(event->time_ms);
    printf("%s%s%s", text_of(event->kind), name[0] != '\0' ? " " : "", name);
    print_place(event);
    if (event->kind == HOLDFAST_EVENT_RESCUE_ENDS)
        printf(", after %" PRIu64 " ms", event->waited_ms);
    if (event->by_guest && event->kind == HOLDFAST_EVENT_RESET)
        printf(" by the guest");
    if (event->left_out > 0)
        printf(" (%" PRIu64 " more before it)", event->left_out);
    printf("\n");
}

/* ---- the stream ---- */

struct stream {
    const struct options *options;
    const char *vm;
    uint64_t after;
    uint64_t shown;
    bool is_over; /* the VM ends, or as many were shown as were asked for */
};

static void show_lost(const struct stream *stream, uint64_t lost)
{
    if (stream->options->json)
        report_json_line(stream->options, json_pack("{s:s, s:o}", "event", "lost", "count",
                                                    report_json_number(lost)));
    else
        printf("(%" PRIu64 " events are not kept any more)\n", lost);
}

static void show(struct stream *stream, const struct holdfast_events_reply *reply)
{
    if (reply->lost > 0 && stream->shown > 0)
        show_lost(stream, reply->lost);
    for (size_t i = 0; i < reply->events_count && !stream->is_over; i++) {
        const struct holdfast_event *event = reply->events[i];
        if (stream->options->json)
            report_json_line(stream->options, event_json(event));
        else
            print(event);
        stream->shown++;
        stream->is_over =
            event->kind == HOLDFAST_EVENT_VM_ENDS || stream->shown == stream->options->count;
    }
    stream->after = reply->next;
}

/* A VM that was there and is gone has ended; that is no failure. */
static enum exit_code conclude(const struct stream *stream, const struct holdfast_reply *reply,
                               bool was_there)
{
    if (reply->status == HOLDFAST_OK || reply->status == HOLDFAST_INTERRUPTED)
        return EXIT_OK;
    if (!was_there || reply->status != HOLDFAST_DISCONNECTED)
        return vm_judge(stream->options, reply);
    if (!stream->options->json)
        printf("%s has ended\n", stream->vm);
    return EXIT_OK;
}

static enum exit_code follow(struct stream *stream, struct holdfast *connection)
{
    bool was_there = false;
    for (;;) {
        const struct holdfast_reply *reply = holdfast_events(connection, stream->after, WAIT_MS);
        if (reply->status == HOLDFAST_OK)
            show(stream, reply->events);
        /* main() reports what cannot be written. */
        if (reply->status != HOLDFAST_OK || stream->is_over || fflush(stdout) != 0) {
            const enum exit_code code = conclude(stream, reply, was_there);
            holdfast_free(reply);
            return code;
        }
        was_there = true;
        holdfast_free(reply);
    }
}

enum exit_code run_events(const struct options *options, char **arguments)
{
    struct stream stream = {.options = options,
                            .vm = arguments[0],
                            .after = options->only_new ? HOLDFAST_EVENTS_NEW : 0};
    interrupt_catch();
    struct holdfast *connection = holdfast_connect(arguments[0]);
    interrupt_ends(connection);
    const enum exit_code code = follow(&stream, connection);
    interrupt_ends(NULL);
    holdfast_close(connection);
    return code;
}
