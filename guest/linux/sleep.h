/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The machine asleep. Hibernation is refused: windows, handles and object ids
 * are the VMM's, and an image of this kernel is resumed on another start of it.
 * Where this kernel wakes up on a VMM that does not know its windows all the
 * same, they are lost: what is mapped there now is somebody else's.
 */
#ifndef HOLDFAST_LINUX_SLEEP_H
#define HOLDFAST_LINUX_SLEEP_H

/* An errno. May sleep. */
int hf_sleep_init(void);
void hf_sleep_exit(void);

#endif
