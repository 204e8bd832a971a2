/* SPDX-License-Identifier: MIT
 * Words for the numbers of the protocol; numbers that a newer peer says have one, too. */
#ifndef HOLDFAST_CTL_WORDS_H
#define HOLDFAST_CTL_WORDS_H

#include "holdfast/client.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* "running", "paused", "ended" or "unknown" */
const char *words_state(enum holdfast_state state);

/* "pio, vmcall, prefault"; the same as JSON strings. */
void words_features(uint32_t features, char *to, size_t room);
json_t *words_features_json(uint32_t features);

#endif
