/* SPDX-License-Identifier: MIT
 * holdfastctl top: asks all VMs each interval and shows them on the screen, in blocks of text or as
 * JSON. */
#include "vmm/ctl/clock.h"
#include "vmm/ctl/interrupt.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/top_rows.h"
#include "vmm/ctl/top_screen.h"
#include "vmm/ctl/top_text.h"
#include "vmm/ctl/vm.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct top {
    const struct options *options;
    enum top_column sorted;
    bool on_screen;
    struct watch_screen screen;
    struct top_rows rows;
};

static enum exit_code read_column(const struct options *options, enum top_column *column)
{
    *column = TOP_CALLS;
    if (options->sort == NULL)
        return EXIT_OK;
    for (int i = 0; i < TOP_COLUMNS; i++)
        if (strcmp(top_columns[i], options->sort) == 0) {
            *column = (enum top_column)i;
            return EXIT_OK;
        }
    return report_usage(options,
                        "bad column '%.64s' to sort by: name, state, windows, mapped, calls, "
                        "maps, faults or refused",
                        options->sort);
}

static void print_block(const struct top *top)
{
    char text[TOP_LINE];
    top_titles(top->sorted, text);
    printf("%s\n", text);
    for (size_t i = 0; i < top->rows.count; i++) {
        top_line(&top->rows.rows[i], text);
        printf("%s\n", text);
    }
    printf("\n");
}

static enum exit_code show(struct top *top)
{
    enum exit_code code = EXIT_OK;
    if (top->on_screen) {
        top_screen_draw(&top->screen, &top->rows, top->sorted);
        return EXIT_OK;
    }
    if (top->options->json)
        code = report_json_line(top->options, top_json(&top->rows));
    else
        print_block(top);
    if (fflush(stdout) != 0)
        interrupt_now(); /* main() reports it */
    return code;
}

/* Waits for the next time and for keys. false: the user quits. */
static bool wait_until(struct top *top, uint64_t when)
{
    for (uint64_t now = clock_ms(); now < when && !interrupt_was_there(); now = clock_ms()) {
        struct pollfd polled = {.fd = top->on_screen ? STDIN_FILENO : -1, .events = POLLIN};
        const int ready = poll(&polled, 1, (int)(when - now));
        /* Also without input: SIGWINCH comes as a key. */
        if (top->on_screen && !top_screen_keys(&top->screen, &top->rows, &top->sorted))
            return false;
        if (ready > 0 && (polled.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
            return false;
    }
    return !interrupt_was_there();
}

/* Until count is reached, the user quits, or VMs cannot be looked for: then with the reply that
 * says why. */
static const struct holdfast_reply *go_on(struct top *top, enum exit_code *code)
{
    const uint64_t interval = (uint64_t)(top->options->interval * 1000);
    uint64_t next = clock_ms();
    for (uint64_t taken = 1;; taken++) {
        const struct holdfast_reply *failed = top_rows_take(&top->rows);
        if (failed != NULL || interrupt_was_there())
            return failed;
        top_rows_sort(&top->rows, top->sorted);
        *code = show(top);
        if (*code != EXIT_OK || taken == top->options->count)
            return NULL;
        next += interval;
        if (next < clock_ms())
            next = clock_ms();
        if (!wait_until(top, next))
            return NULL;
    }
}

enum exit_code run_top(const struct options *options, char **arguments)
{
    struct top top = {.options = options};
    (void)arguments;
    enum exit_code code = read_column(options, &top.sorted);
    if (code != EXIT_OK)
        return code;
    interrupt_catch();
    const bool terminal = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
    top.on_screen = terminal && !options->json && watch_screen_begin(&top.screen);
    const struct holdfast_reply *failed = go_on(&top, &code);
    if (top.on_screen)
        watch_screen_end();
    if (failed != NULL)
        code = vm_judge(options, failed);
    holdfast_free(failed);
    top_rows_free(&top.rows);
    return code;
}
