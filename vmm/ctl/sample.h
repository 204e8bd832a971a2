/* SPDX-License-Identifier: MIT
 * What watch shows: the state of a VM at one time, and what happened since the time before. */
#ifndef HOLDFAST_CTL_SAMPLE_H
#define HOLDFAST_CTL_SAMPLE_H

#include "vmm/ctl/vm.h"
#include "vmm/error.h"

#include <jansson.h>
#include <stdint.h>

/* Events a second. */
struct rates {
    double maps;
    double unmaps;
    double faults;
    double calls;
};

struct sample {
    uint64_t at_ms;
    const struct holdfast_stats_reply *stats;
    const struct holdfast_windows_reply *list;
    struct rates total;
    struct rates *rates;                     /* of each window of the list */
    const struct holdfast_reply *replies[2]; /* that both are of */
};

/* Asks the VM. previous may be NULL: then all rates are 0. EXIT_OK, or another code with the error
 * set and nothing to free. */
enum exit_code sample_take(struct holdfast *connection, const struct sample *previous,
                           struct sample *sample, struct error *error);
void sample_free(struct sample *sample);

json_t *sample_json(const struct sample *sample, const char *vm);

#endif
