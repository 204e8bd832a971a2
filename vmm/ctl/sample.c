/* SPDX-License-Identifier: MIT
 * What watch shows: the state of a VM at one time, and what happened since the time before. */
#include "vmm/ctl/sample.h"
#include "vmm/cause.h"

#include "vmm/ctl/connect.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/stats.h"

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
static const MESSAGE(Window) *
    find_before(const struct window_list *list, const MESSAGE(Window) * window, size_t *from)
{
    while (*from < list->count && list->windows[*from].address < window->address)
        ++*from;
    if (*from == list->count || list->windows[*from].handle != window->handle)
        return NULL;
    return &list->windows[*from];
}

static void compare_windows(const struct sample *previous, struct sample *sample,
                            uint64_t milliseconds)
{
    static const MESSAGE(Window) nothing;
    size_t from = 0;
    for (size_t i = 0; i < sample->list.count; i++) {
        const MESSAGE(Window) *now = &sample->list.windows[i];
        const MESSAGE(Window) *before = find_before(&previous->list, now, &from);
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
    const MESSAGE(StatsReply) *before = &previous->stats;
    const MESSAGE(StatsReply) *now = &sample->stats;
    sample->total.maps = rate(before->maps, now->maps, milliseconds);
    sample->total.unmaps = rate(before->unmaps, now->unmaps, milliseconds);
    sample->total.faults = rate(before->faults, now->faults, milliseconds);
    sample->total.calls = rate(before->calls, now->calls, milliseconds);
    compare_windows(previous, sample, milliseconds);
}

enum exit_code sample_take(struct peer *peer, const struct sample *previous, struct sample *sample,
                           struct error *error)
{
    *sample = (struct sample){.at_ms = peer_clock_ms()};
    enum exit_code code = stats_get(peer, &sample->stats, error);
    if (code == EXIT_OK)
        code = window_list_get(peer, &sample->list, error);
    if (code != EXIT_OK)
        return code;
    sample->rates = calloc(sample->list.count + 1, sizeof sample->rates[0]);
    if (sample->rates == NULL) {
        window_list_free(&sample->list);
        error_set(error, "%s", cause_text(ENOMEM));
        return EXIT_FAILED;
    }
    if (previous != NULL)
        compare(previous, sample);
    return EXIT_OK;
}

void sample_free(struct sample *sample)
{
    window_list_free(&sample->list);
    free(sample->rates);
    sample->rates = NULL;
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
    for (size_t i = 0; i < sample->list.count; i++) {
        json_t *window = window_json(&sample->list.windows[i]);
        add_rates(window, &sample->rates[i]);
        json_array_append_new(windows, window);
    }
    json_t *object = json_pack("{s:o, s:o, s:o}", "vm", report_json_text(vm), "stats",
                               stats_json(&sample->stats), "windows", windows);
    add_rates(object, &sample->total);
    json_object_set_new(object, "calls_per_second", json_real(sample->total.calls));
    return object;
}
