/* SPDX-License-Identifier: MIT
 * Why the host refused something, as a person should be told: where a limit of the process or of
 * the host may be the reason, which one, how high it is, and that it can be raised. */
#ifndef HOLDFAST_CAUSE_H
#define HOLDFAST_CAUSE_H

/* Looks whether AppArmor confines this process, for what the others say of EACCES. For the start,
 * while files can be opened; cannot fail: what cannot be seen is not told. */
void cause_begin(void);

/* The text of an errno value. Each returns a string that the calling thread's next call overwrites.
 * Allocates nothing, cannot fail, and leaves errno as it is. */
const char *cause_text(int error);

/* The same where a thread could not be started. */
const char *cause_of_thread(int error);

/* The same where a timer could not be made. */
const char *cause_of_timer(int error);

/* The same where memory could not be locked. */
const char *cause_of_lock(int error);

#endif
