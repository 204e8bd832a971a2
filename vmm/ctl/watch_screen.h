/* SPDX-License-Identifier: MIT
 * The screen of watch. */
#ifndef HOLDFAST_CTL_WATCH_SCREEN_H
#define HOLDFAST_CTL_WATCH_SCREEN_H

#include "vmm/ctl/sample.h"

#include <stdbool.h>
#include <stddef.h>

struct watch_screen {
    size_t first; /* window in the topmost line of the table */
};

/* Takes over the terminal. false if it cannot be used for this. */
bool watch_screen_begin(struct watch_screen *screen);
void watch_screen_end(void);

void watch_screen_draw(struct watch_screen *screen, const struct sample *sample, const char *vm);

/* Handles the keys that were pressed. false: the user wants to quit. */
bool watch_screen_keys(struct watch_screen *screen, const struct sample *sample, const char *vm);

#endif
