/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * /sys/kernel/debug/holdfast:
 *   windows  a line of words, then a line for each window of this guest
 *   calls    how often each hypercall was made and refused
 *   info     what the VMM has, and what is left
 */
#ifndef HOLDFAST_LINUX_DEBUGFS_H
#define HOLDFAST_LINUX_DEBUGFS_H

/* Cannot fail: without debugfs there is nothing to see. May sleep. */
void hf_debugfs_init(void);
void hf_debugfs_exit(void);

#endif
