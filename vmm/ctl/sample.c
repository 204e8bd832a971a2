/* SPDX-License-Identifier: MIT
 * What watch shows: the state of a VM at one time, and what happened since the time before. */
#include "vmm/ctl/sample.h"

#include "vmm/cause.h"
#include "vmm/ctl/clock.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/stats.h"
#include "vmm/ctl/window_json.h"

#include <errno.h>
#include <stdlib.h>

/* Counters start again with a reset. */
static double rate(uint64_t before, uint64_t now, uint64_t milliseconds)
{
    if (now < before || milliseconds == 0)
        return 0;
    return (double)(now - before) * 1000 / (double)milliseconds;
}

/* The same window in the list of the time before, searched from *from on: both lists are sorted by
 * address. NULL if it is new. */
static const struct holdfast_window *find_before(const struct holdfast_windows_reply *list,
                                                 const struct holdfast_window *window, size_t *from)
{
    while (*from < list->windows_count && list->windows[*from]->address < window->address)
        ++*from;
    if (*from == list->windows_count || list->windows[*from]->handle != window->handle)
        return NULL;
    return list->windows[*from];
}

static void compare_windows(const struct sample *previous, struct sample *sample,
                            uint64_t milliseconds)
{
    static const struct holdfast_window nothing;
    size_t from = 0;
    for (size_t i = 0; i < sample->list->windows_count; i++) {
        const struct holdfast_window *now = sample->list->windows[i];
        const struct holdfast_window *before = find_before(previous->list, now, &from);
        if (before == NULL)
            before = &nothing;
        sample->rates[i].maps = rate(before->maps, now->maps, milliseconds);
        sample->rates[i].unmaps = rate(before->unmaps, now->unmaps, milliseconds);
        sample->rates[i].faults = rate(before->faults, now->faults, milliseconds);
    }
}

static void compare(const struct sample *previous, struct sample *sample)
{
    uint64_t milliseconds = sample->at_ms - previous->at_ms;
    const struct holdfast_stats_reply *before = previous->stats;
    const struct holdfast_stats_reply *now = sample->stats;
    sample->total.maps = rate(before->maps, now->maps, milliseconds);
    sample->total.unmaps = rate(before->unmaps, now->unmaps, milliseconds);
    sample->total.faults = rate(before->faults, now->faults, milliseconds);
    sample->total.calls = rate(before->calls, now->calls, milliseconds);
    compare_windows(previous, sample, milliseconds);
}

/* Both replies, and where they lie. */
static enum exit_code ask(struct holdfast *connection, struct sample *sample, struct error *error)
{
    sample->replies[0] = holdfast_stats(connection);
    sample->replies[1] = holdfast_all_windows(connection);
    for (size_t i = 0; i < 2; i++)
        if (sample->replies[i]->status != HOLDFAST_OK) {
            error_set(error, "%s", sample->replies[i]->text);
            return vm_exit(sample->replies[i]->status);
        }
    sample->stats = sample->replies[0]->stats;
    sample->list = sample->replies[1]->windows;
    sample->rates = calloc(sample->list->windows_count + 1, sizeof sample->rates[0]);
    if (sample->rates != NULL)
        return EXIT_OK;
    error_set(error, "%s", cause_text(ENOMEM));
    return EXIT_FAILED;
}

enum exit_code sample_take(struct holdfast *connection, const struct sample *previous,
                           struct sample *sample, struct error *error)
{
    *sample = (struct sample){.at_ms = clock_ms()};
    const enum exit_code code = ask(connection, sample, error);
    if (code != EXIT_OK)
        sample_free(sample);
    else if (previous != NULL)
        compare(previous, sample);
    return code;
}

void sample_free(struct sample *sample)
{
    holdfast_free(sample->replies[0]);
    holdfast_free(sample->replies[1]);
    free(sample->rates);
    *sample = (struct sample){0};
}

static void add_rates(json_t *object, const struct rates *rates)
{
    json_object_set_new(object, "maps_per_second", json_real(rates->maps));
    json_object_set_new(object, "unmaps_per_second", json_real(rates->unmaps));
    json_object_set_new(object, "faults_per_second", json_real(rates->faults));
}

json_t *sample_json(const struct sample *sample, const char *vm)
{
    json_t *windows = json_array();
    for (size_t i = 0; i < sample->list->windows_count; i++) {
        json_t *window = window_json(sample->list->windows[i]);
        add_rates(window, &sample->rates[i]);
        json_array_append_new(windows, window);
    }
    json_t *object = json_pack("{s:o, s:o, s:o}", "vm", report_json_text(vm), "stats",
                               stats_json(sample->stats), "windows", windows);
    add_rates(object, &sample->total);
    json_object_set_new(object, "calls_per_second", json_real(sample->total.calls));
    return object;
}
