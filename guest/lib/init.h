/* SPDX-License-Identifier: MIT
 * Whether the library may be used. */
#ifndef HOLDFAST_GUEST_INIT_H
#define HOLDFAST_GUEST_INIT_H

#include <stdbool.h>

/* True once hf_init() has succeeded. */
bool hf_is_ready(void);

#endif
