/* SPDX-License-Identifier: MIT
 * A window for programs, as windows and watch print it. */
#ifndef HOLDFAST_CTL_WINDOW_JSON_H
#define HOLDFAST_CTL_WINDOW_JSON_H

#include "holdfast/client.h"

#include <jansson.h>

/* A JSON object; NULL for want of memory. */
json_t *window_json(const struct holdfast_window *window);

#endif
