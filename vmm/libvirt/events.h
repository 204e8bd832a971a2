/* SPDX-License-Identifier: MIT
 * What happens to the machine, told to the clients. The machine tells it on its vCPUs' threads,
 * which must not wait and touch nothing of the monitor's: they put a record into a pipe. */
#ifndef HOLDFAST_LIBVIRT_EVENTS_H
#define HOLDFAST_LIBVIRT_EVENTS_H

#include "vmm/error.h"

#include <jansson.h>

struct libvirt;

/* Makes the pipe. 0, or -1 with the error set. */
int events_open(struct libvirt *libvirt, struct error *error);

/* Hears the machine; then tells what has happened since the last time. */
void events_listen(struct libvirt *libvirt);
void events_tell(struct libvirt *libvirt);

/* Sends one event now; takes the reference to data, which may be NULL. */
void events_send(struct libvirt *libvirt, const char *name, json_t *data);

/* The machine's policy for these actions. */
void events_set_policy(struct libvirt *libvirt);

#endif
