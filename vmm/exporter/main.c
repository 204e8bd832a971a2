/* SPDX-License-Identifier: MIT
 * holdfast-exporter: the VMs' metrics over HTTP. Only reads: it sends VMs nothing but the call
 * Metrics. */
#include "listener.h"
#include "options.h"
#include "pages.h"
#include "patience.h"
#include "server.h"

#include "vmm/process/limits.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#define FILES_NEEDED 512u /* clients, VMs that are asked side by side, and what else is open */

enum { EXIT_WRONG_USAGE = 2 };

static int fail(const struct error *error, int status)
{
    fprintf(stderr, "holdfast-exporter: %s\n", error->text);
    return status;
}

/* Until one of the signals comes. */
static void wait_for_end(const sigset_t *signals)
{
    const struct timespec second = {.tv_sec = 1};

    while (sigtimedwait(signals, NULL, &second) < 0)
        patience_check();
}

static int serve(const struct options *options, struct error *error)
{
    char where[LISTENER_TEXT];
    sigset_t signals;

    /* Before there are threads, which inherit it. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);

    const int listener = listener_open(options->listen, OPTIONS_ADDRESS, where, error);
    if (listener < 0)
        return -1;
    pages_set_timeout(options->timeout_ms);
    struct MHD_Daemon *server = server_start(listener, error);
    if (server == NULL)
        return -1;
    fprintf(stderr, "holdfast-exporter: serves %s/metrics\n", where);
    wait_for_end(&signals);
    server_stop(server);
    return 0;
}

int main(int count, char *words[])
{
    struct options options;
    struct error error;

    if (process_limits_prepare(&error) < 0)
        return fail(&error, EXIT_FAILURE);
    switch (options_read(&options, count, words, &error)) {
    case OPTIONS_DONE:
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        return fail(&error, EXIT_WRONG_USAGE);
    case OPTIONS_SERVE:
        break;
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (process_limits_files(FILES_NEEDED, &error) < 0 || serve(&options, &error) < 0)
        return fail(&error, EXIT_FAILURE);
    return EXIT_SUCCESS;
}
