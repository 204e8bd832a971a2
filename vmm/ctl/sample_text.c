/* SPDX-License-Identifier: MIT
 * A sample as lines of text. */
#include "vmm/ctl/sample_text.h"

#include "vmm/ctl/text.h"
#include "vmm/ctl/words.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_FORMAT "%-14s %9s  %-10s %9s %7s %7s %8s %7s"

static void summarize_machine(const struct sample *sample, const char *vm, char to[SAMPLE_LINE])
{
    char uptime[TEXT_NUMBER];
    char name[128];
    text_duration(sample->stats->uptime_ms, uptime);
    text_clean(vm, name, sizeof name);
    snprintf(to, SAMPLE_LINE, "%s: %s, up %s, %" PRIu64 " reset%s", name,
             words_state(sample->stats->state), uptime, sample->stats->resets,
             sample->stats->resets == 1 ? "" : "s");
}

static void summarize_arena(const struct sample *sample, char to[SAMPLE_LINE])
{
    const struct holdfast_stats_reply *stats = sample->stats;
    char size[TEXT_NUMBER];
    char reserved[TEXT_NUMBER];
    char mapped[TEXT_NUMBER];
    text_pages(stats->arena_pages, size);
    text_pages(stats->arena_pages - stats->arena_free_pages, reserved);
    text_pages(stats->mapped_pages, mapped);
    snprintf(to, SAMPLE_LINE, "arena %s: %u of %u windows, %s reserved, %s mapped", size,
             stats->windows, stats->windows_max, reserved, mapped);
}

static void summarize_rates(const struct sample *sample, char to[SAMPLE_LINE])
{
    char calls[TEXT_NUMBER];
    char maps[TEXT_NUMBER];
    char unmaps[TEXT_NUMBER];
    text_rate(sample->total.calls, calls);
    text_rate(sample->total.maps, maps);
    text_rate(sample->total.unmaps, unmaps);
    snprintf(to, SAMPLE_LINE, "a second: %s calls, %s maps, %s unmaps", calls, maps, unmaps);
}

static void summarize_trouble(const struct sample *sample, char to[SAMPLE_LINE])
{
    const struct holdfast_stats_reply *stats = sample->stats;
    snprintf(to, SAMPLE_LINE,
             "since the start: refused calls %" PRIu64 ", guest faults %" PRIu64
             ", host failures %" PRIu64,
             stats->refused, stats->faults, stats->host_failures);
}

void sample_summary(const struct sample *sample, const char *vm, unsigned line,
                    char to[SAMPLE_LINE])
{
    to[0] = '\0';
    if (line == 0)
        summarize_machine(sample, vm, to);
    else if (line == 1)
        summarize_arena(sample, to);
    else if (line == 2)
        summarize_rates(sample, to);
    else if (line == 3)
        summarize_trouble(sample, to);
}

void sample_titles(char to[SAMPLE_LINE])
{
    snprintf(to, SAMPLE_LINE, LINE_FORMAT, "ADDRESS", "LENGTH", "TAG", "MAPPED", "EXTENTS",
             "MAPS/S", "UNMAPS/S", "FAULTS");
}

void sample_window(const struct sample *sample, size_t index, char to[SAMPLE_LINE])
{
    const struct holdfast_window *window = sample->list->windows[index];
    const struct rates *rates = &sample->rates[index];
    char address[TEXT_NUMBER];
    char length[TEXT_NUMBER];
    char tag[TEXT_NUMBER];
    char mapped[TEXT_NUMBER];
    char extents[TEXT_NUMBER];
    char maps[TEXT_NUMBER];
    char unmaps[TEXT_NUMBER];
    char faults[TEXT_NUMBER];
    text_address(window->address, address);
    text_pages(window->pages, length);
    text_tag(window->tag, tag);
    text_pages(window->mapped_pages, mapped);
    snprintf(extents, sizeof extents, "%u", window->extents);
    text_rate(rates->maps, maps);
    text_rate(rates->unmaps, unmaps);
    snprintf(faults, sizeof faults, "%" PRIu64, window->faults);
    snprintf(to, SAMPLE_LINE, LINE_FORMAT, address, length, tag,
             window->mapped_pages == 0 ? "-" : mapped, extents, maps, unmaps, faults);
}
