/* SPDX-License-Identifier: MIT
 * What the guarantee of a VM rests on: what of it is there, and what to do about the rest. */
#ifndef HOLDFAST_CTL_CONDITIONS_H
#define HOLDFAST_CTL_CONDITIONS_H

#include "holdfast/client.h"

#include <jansson.h>
#include <stdbool.h>

/* Prints the mode and a line for each condition; false for want of memory. */
bool conditions_print(const struct holdfast_guarantee_reply *guarantee);

/* A list of objects, one for each condition. */
json_t *conditions_json(const struct holdfast_guarantee_reply *guarantee);

#endif
