/* SPDX-License-Identifier: MIT
 * Words for the numbers of the protocol; numbers that a newer peer says have one, too. */
#ifndef HOLDFAST_CTL_WORDS_H
#define HOLDFAST_CTL_WORDS_H

#include "vmm/wire/protocol.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* "running", "paused", "ended" or "unknown" */
const char *words_state(MachineState state);

/* "NOT_FOUND", or the number of a status that this program does not know. */
void words_status(Status status, char *to, size_t room);

/* "pio, vmcall, prefault"; the same as JSON strings. */
void words_features(uint32_t features, char *to, size_t room);
json_t *words_features_json(uint32_t features);

#endif
