/* SPDX-License-Identifier: MIT
 * The counters of a VM, as stats and watch show them. */
#ifndef HOLDFAST_CTL_STATS_H
#define HOLDFAST_CTL_STATS_H

#include "holdfast/client.h"

#include <jansson.h>

json_t *stats_json(const struct holdfast_stats_reply *stats);

#endif
