/* SPDX-License-Identifier: MIT
 * All windows of a VM, collected over as many calls as it takes. */
#ifndef HOLDFAST_CTL_WINDOW_LIST_H
#define HOLDFAST_CTL_WINDOW_LIST_H

#include "vmm/ctl/connect.h"
#include "vmm/error.h"

#include <jansson.h>
#include <stddef.h>

/* By address; the entries are copies and own nothing. */
struct window_list {
    MESSAGE(Window) * windows;
    size_t count;
};

/* EXIT_OK, or another code with the error set and nothing to free. */
enum exit_code window_list_get(struct peer *peer, struct window_list *list, struct error *error);
void window_list_free(struct window_list *list);

/* One window as a JSON object. */
json_t *window_json(const MESSAGE(Window) * window);

#endif
