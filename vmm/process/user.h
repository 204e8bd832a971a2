/* SPDX-License-Identifier: MIT
 * The user that a VMM becomes which root has started. */
#ifndef HOLDFAST_PROCESS_USER_H
#define HOLDFAST_PROCESS_USER_H

#include "vmm/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Whom root's VMM becomes that was told nobody, where this user is in /etc/passwd. */
#define USER_DEFAULT "holdfast"

/* Decides who that is; nothing changes yet. name: a user's name or number, or NULL. To be called
 * before other threads are started. 0, or -1 with the error set: there is no such user, it is in
 * too many groups, or nobody here, or nobody but root, can become it. */
int user_choose(const char *name, struct error *error);

/* Whether it is another than the one that has started the VMM. */
bool user_changes(void);

/* Why it stays root's, for people. */
const char *user_why_root(void);

/* Whose rights the VMM has once the guest runs. */
uid_t user_at_run(void);

/* Has the calling thread become this user, with its groups. The C library would have all threads do
 * so at once, and those that are in a filter already may not. 0, or -1 with errno. */
int user_enter(void);

#endif
