/* SPDX-License-Identifier: MIT
 * The socket on which the exporter listens: systemd's, or one of its own. */
#ifndef HOLDFAST_EXPORTER_LISTENER_H
#define HOLDFAST_EXPORTER_LISTENER_H

#include "vmm/error.h"

#define LISTENER_TEXT 160u

/* address: by number, such as "127.0.0.1:9748" or "[::1]:0"; NULL: the socket that systemd has
 * handed over, else the address otherwise. text: where it listens, for people. A listening
 * descriptor, or -1 with the error set. */
int listener_open(const char *address, const char *otherwise, char text[LISTENER_TEXT],
                  struct error *error);

#endif
