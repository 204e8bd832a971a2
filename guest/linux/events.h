/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The interrupt that tells of objects attached and detached. */
#ifndef HOLDFAST_LINUX_EVENTS_H
#define HOLDFAST_LINUX_EVENTS_H

#include <linux/types.h>

/*
 * gsi: of CPUID; 0: the VMM has none, and no notifier will ever be called. An
 * errno if the interrupt or the workqueue cannot be had. May sleep.
 */
int hf_events_init(u32 gsi);
void hf_events_exit(void);

#endif
