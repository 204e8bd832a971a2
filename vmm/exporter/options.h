/* SPDX-License-Identifier: MIT
 * The exporter's command line, as holdfast-exporter(8) has it. */
#ifndef HOLDFAST_EXPORTER_OPTIONS_H
#define HOLDFAST_EXPORTER_OPTIONS_H

#include "vmm/error.h"

#include <stdint.h>

#define OPTIONS_ADDRESS    "127.0.0.1:9748"
#define OPTIONS_TIMEOUT_MS 3000u

struct options {
    const char *listen; /* NULL: systemd's socket if there is one, else OPTIONS_ADDRESS */
    uint32_t timeout_ms;
};

enum options_result { OPTIONS_SERVE, OPTIONS_DONE, OPTIONS_WRONG };

/* OPTIONS_DONE: what was asked for was printed. OPTIONS_WRONG: the error is set. */
enum options_result options_read(struct options *options, int count, char *words[],
                                 struct error *error);

#endif
