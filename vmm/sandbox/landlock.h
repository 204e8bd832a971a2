/* SPDX-License-Identifier: MIT
 * Landlock: which files a thread may open, by their places in the tree. A filter of system calls
 * does not see paths. */
#ifndef HOLDFAST_SANDBOX_LANDLOCK_H
#define HOLDFAST_SANDBOX_LANDLOCK_H

#include "vmm/memory/places.h"
#include "vmm/sandbox/sandbox.h"

/* 0, or -1 with errno: this kernel has none, or its boot has not asked for it. */
int landlock_prepare(const struct memory_places *places);

/* The main thread may remove files in this directory. 0, also where nothing was prepared; or -1
 * with errno. */
int landlock_may_remove_in(int directory);

/* Closes the file system for the calling thread, as far as it has no business there. The thread has
 * no new privileges any more. 0, or -1 with errno. Where nothing was prepared, does nothing. */
int landlock_enter(enum sandbox_thread thread);

/* When all threads have entered. */
void landlock_finish(void);

#endif
