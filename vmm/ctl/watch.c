/* SPDX-License-Identifier: MIT
 * holdfastctl watch: takes a sample each interval and shows it on the screen, in blocks of text or
 * as JSON. */
#include "vmm/cause.h"
#include "vmm/ctl/clock.h"
#include "vmm/ctl/interrupt.h"
#include "vmm/ctl/report.h"
#include "vmm/ctl/sample.h"
#include "vmm/ctl/sample_text.h"
#include "vmm/ctl/vm.h"
#include "vmm/ctl/watch_screen.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* The VMM disconnects clients that ask nothing for a minute. */
#define KEEP_CONNECTED_MS 30000u

struct watch {
    const struct options *options;
    const char *vm;
    bool on_screen;
    struct watch_screen screen;
    struct holdfast *connection; /* NULL: there is none */
    struct sample sample;        /* the last one */
    bool sampled;
};

static enum exit_code connect_again(struct watch *watch, struct error *error)
{
    if (watch->connection != NULL)
        return EXIT_OK;
    watch->connection = holdfast_connect(watch->vm);
    interrupt_ends(watch->connection);
    const enum holdfast_status status = holdfast_status(watch->connection);
    if (status != HOLDFAST_OK)
        error_set(error, "%s", holdfast_text(watch->connection));
    return vm_exit(status);
}

static void disconnect(struct watch *watch)
{
    interrupt_ends(NULL);
    holdfast_close(watch->connection);
    watch->connection = NULL;
}

static enum exit_code take_sample(struct watch *watch, struct error *error)
{
    struct sample next;
    enum exit_code code = connect_again(watch, error);
    if (code == EXIT_OK)
        code = sample_take(watch->connection, watch->sampled ? &watch->sample : NULL, &next, error);
    if (code != EXIT_OK)
        return code;
    if (watch->sampled)
        sample_free(&watch->sample);
    watch->sample = next;
    watch->sampled = true;
    return EXIT_OK;
}

static void print_block(const struct watch *watch)
{
    char text[SAMPLE_LINE];
    for (unsigned line = 0; line + 1 < SAMPLE_SUMMARY; line++) {
        sample_summary(&watch->sample, watch->vm, line, text);
        printf("%s\n", text);
    }
    if (watch->sample.list->windows_count > 0) {
        sample_titles(text);
        printf("%s\n", text);
    }
    for (size_t i = 0; i < watch->sample.list->windows_count; i++) {
        sample_window(&watch->sample, i, text);
        printf("%s\n", text);
    }
    printf("\n");
}

static enum exit_code show(struct watch *watch, struct error *error)
{
    if (watch->on_screen) {
        watch_screen_draw(&watch->screen, &watch->sample, watch->vm);
        return EXIT_OK;
    }
    if (watch->options->json) {
        json_t *object = sample_json(&watch->sample, watch->vm);
        if (object == NULL) {
            error_set(error, "%s", cause_text(ENOMEM));
            return EXIT_FAILED;
        }
        report_json_line(watch->options, object);
    } else {
        print_block(watch);
    }
    if (fflush(stdout) != 0)
        interrupt_now(); /* main() reports it */
    return EXIT_OK;
}

/* Waits for the next sample's time, for keys and for the end of the VM. false: the user quits. */
static bool wait_until(struct watch *watch, uint64_t when)
{
    for (uint64_t now = clock_ms(); now < when && !interrupt_was_there(); now = clock_ms()) {
        struct pollfd polled[] = {
            {.fd = watch->on_screen ? STDIN_FILENO : -1, .events = POLLIN},
            {.fd = holdfast_fd(watch->connection), .events = POLLIN},
        };
        int ready = poll(polled, 2, (int)(when - now));
        /* Also without input: SIGWINCH comes as a key. */
        if (watch->on_screen && !watch_screen_keys(&watch->screen, &watch->sample, watch->vm))
            return false;
        /* Nothing was asked, so this is the end; the next sample will tell. */
        if (ready > 0 && polled[1].revents != 0)
            return true;
        if (ready > 0 && (polled[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
            return false;
    }
    return !interrupt_was_there();
}

/* Samples until something ends it. EXIT_OK: count is reached, or the user quits. */
static enum exit_code watch_on(struct watch *watch, struct error *error)
{
    const struct options *options = watch->options;
    uint64_t interval = (uint64_t)(options->interval * 1000);
    uint64_t next = clock_ms();
    for (uint64_t taken = 1;; taken++) {
        enum exit_code code = take_sample(watch, error);
        if (code != EXIT_OK)
            return interrupt_was_there() ? EXIT_OK : code;
        code = show(watch, error);
        if (code != EXIT_OK || taken == options->count)
            return code;
        if (interval > KEEP_CONNECTED_MS)
            disconnect(watch);
        next += interval;
        if (next < clock_ms())
            next = clock_ms();
        if (!wait_until(watch, next))
            return EXIT_OK;
    }
}

/* A VM that was there and is gone has ended; that is no failure. */
static enum exit_code conclude(struct watch *watch, enum exit_code code, const struct error *error)
{
    bool gone = code == EXIT_NO_VM || holdfast_status(watch->connection) == HOLDFAST_DISCONNECTED;
    if (code == EXIT_OK)
        return EXIT_OK;
    if (!watch->sampled || !gone)
        return report_failure(watch->options, code, error);
    if (!watch->options->json)
        printf("%s has ended\n", watch->vm);
    return EXIT_OK;
}

enum exit_code run_watch(const struct options *options, char **arguments)
{
    struct watch watch = {.options = options, .vm = arguments[0]};
    struct error error;
    enum exit_code code = connect_again(&watch, &error);
    if (code != EXIT_OK) {
        disconnect(&watch);
        return report_failure(options, code, &error);
    }
    bool terminal = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
    interrupt_catch(); /* the terminal is to be left in order */
    watch.on_screen = terminal && !options->json && watch_screen_begin(&watch.screen);
    code = watch_on(&watch, &error);
    if (watch.on_screen)
        watch_screen_end();
    code = conclude(&watch, code, &error);
    disconnect(&watch);
    if (watch.sampled)
        sample_free(&watch.sample);
    return code;
}
