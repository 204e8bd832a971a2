/* SPDX-License-Identifier: MIT
 * Namespaces in which next to nothing is: a file system of /proc and the memory cgroups, read-only,
 * and a network without interfaces. All threads share them. */
#ifndef HOLDFAST_SANDBOX_NAMESPACES_H
#define HOLDFAST_SANDBOX_NAMESPACES_H

#include "vmm/memory/places.h"

/* Each makes one. Takes CAP_SYS_ADMIN. 0, or -1 with errno and none made. */
int namespaces_make_files(const struct memory_places *places);
int namespaces_make_network(void);

/* Has the calling thread enter those that were made. 0, or -1 with errno. */
int namespaces_enter(void);

/* When all threads have entered. */
void namespaces_finish(void);

#endif
