/* SPDX-License-Identifier: MIT
 * The parts of what console_check() allows. */
#ifndef HOLDFAST_DEVICES_CONSOLE_WHERE_H
#define HOLDFAST_DEVICES_CONSOLE_WHERE_H

/* The path of "file:PATH"; NULL: it is not that. */
const char *console_file_path(const char *text);

/* The descriptor of "fd:N"; -1: it is not that. */
int console_descriptor(const char *text);

#endif
