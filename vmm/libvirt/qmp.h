/* SPDX-License-Identifier: MIT
 * From a client's request to its reply. */
#ifndef HOLDFAST_LIBVIRT_QMP_H
#define HOLDFAST_LIBVIRT_QMP_H

#include "vmm/libvirt/qmp_client.h"

#include <jansson.h>
#include <stddef.h>

struct libvirt;

/* Answers one value, or mistake, of a client. What the command has caused is told first. */
void qmp_answer(struct libvirt *libvirt, struct qmp_client *client, enum qmp_frame_result found,
                const char *text, size_t length);

/* What each client hears first. NULL: out of memory. */
json_t *qmp_greeting(void);

#endif
