/* SPDX-License-Identifier: MIT
 * The monitor's socket, its clients, and the loop that serves them. */
#ifndef HOLDFAST_LIBVIRT_MONITOR_H
#define HOLDFAST_LIBVIRT_MONITOR_H

#include "vmm/error.h"

struct libvirt;

/* Makes libvirt->listener: the chardev's descriptor or path, or -qmp's path. 0, or -1 with the
 * error set. */
int monitor_listen(struct libvirt *libvirt, struct error *error);

/* Serves clients until stop is readable or, if signals is not -1, that; or until a client says
 * quit, or nobody has been connected for idle_ms (-1: does not matter). */
void monitor_run(struct libvirt *libvirt, int signals, int idle_ms);

/* Frees clients, descriptors and, if it was made here, the socket. */
void monitor_end(struct libvirt *libvirt);

#endif
