/* SPDX-License-Identifier: MIT
 * The counters of a VM, as stats and watch show them. */
#ifndef HOLDFAST_CTL_STATS_H
#define HOLDFAST_CTL_STATS_H

#include "vmm/ctl/connect.h"
#include "vmm/error.h"

#include <jansson.h>

/* EXIT_OK and a copy that owns nothing, or another code with the error set. */
enum exit_code stats_get(struct peer *peer, MESSAGE(StatsReply) * stats, struct error *error);

json_t *stats_json(const MESSAGE(StatsReply) * stats);

#endif
