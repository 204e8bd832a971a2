/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MOST_MS 60000u

static void print_help(void)
{
    printf("usage: holdfast-exporter [option ...]\n"
           "\n"
           "Serves the metrics of this user's VMs over HTTP, for Prometheus, at /metrics.\n"
           "\n"
           "  --listen ADDRESS:PORT  where, by number; an IPv6 address in brackets\n"
           "                         (default: the socket that systemd hands over, else %s)\n"
           "  --timeout MS           how long each VM has to answer; all are asked at once\n"
           "                         (default: %u)\n"
           "  --help                 this text\n"
           "  --version              the version\n"
           "\n"
           "Who can connect can read the metrics: the default is this machine's own programs.\n"
           "\n"
           "Example: holdfast-exporter --listen '[::1]:9748' &\n"
           "         curl 'http://[::1]:9748/metrics'\n"
           "\n"
           "Exit status: 0 ended by a signal, 1 failed, 2 wrong usage.\n",
           OPTIONS_ADDRESS, OPTIONS_TIMEOUT_MS);
}

static int read_timeout(const char *word, uint32_t *milliseconds, struct error *error)
{
    char *end;
    const unsigned long value = strtoul(word, &end, 10);

    if (word[0] < '0' || word[0] > '9' || *end != '\0' || value == 0 || value > TIMEOUT_MOST_MS)
        return error_set(error, "--timeout %.100s: it must be 1 to %u milliseconds", word,
                         TIMEOUT_MOST_MS);
    *milliseconds = (uint32_t)value;
    return 0;
}

enum options_result options_read(struct options *options, int count, char *words[],
                                 struct error *error)
{
    static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                          {"timeout", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {0}};
    int word;

    *options = (struct options){.timeout_ms = OPTIONS_TIMEOUT_MS};
    opterr = 0;
    while ((word = getopt_long(count, words, "", known, NULL)) != -1) {
        switch (word) {
        case 'l':
            options->listen = optarg;
            break;
        case 't':
            if (read_timeout(optarg, &options->timeout_ms, error) < 0)
                return OPTIONS_WRONG;
            break;
        case 'h':
            print_help();
            return OPTIONS_DONE;
        case 'v':
            printf("holdfast-exporter %s\n", HOLDFAST_VERSION);
            return OPTIONS_DONE;
        default:
            error_set(error, "%.200s: no such option, or its value is missing; --help lists them",
                      words[optind - 1]);
            return OPTIONS_WRONG;
        }
    }
    if (optind == count)
        return OPTIONS_SERVE;
    error_set(error, "%.200s: only options are expected; --help lists them", words[optind]);
    return OPTIONS_WRONG;
}
