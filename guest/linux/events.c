// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* From the VMM's interrupt to the notifiers of drivers. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/acpi.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

#include "device.h"
#include "events.h"
#include "holdfast.h"

static BLOCKING_NOTIFIER_HEAD(notifiers);
static struct workqueue_struct *queue;
static u32 gsi;
static int irq;

static void notify(struct work_struct *work)
{
	blocking_notifier_call_chain(&notifiers, 0, NULL);
}

static DECLARE_WORK(work, notify);

/* Of its own, for a driver may take its time. */
static void tell_programs(struct work_struct *work)
{
	hf_device_changed();
}

static DECLARE_WORK(programs_work, tell_programs);

/*
 * Edges that come while the work is queued are one; one that comes while it
 * runs queues it again, so that the last change is always seen.
 */
static irqreturn_t interrupt(int line, void *unused)
{
	queue_work(queue, &programs_work);
	queue_work(queue, &work);
	return IRQ_HANDLED;
}

static int take_interrupt(void)
{
	int error;

	irq = acpi_register_gsi(NULL, gsi, ACPI_EDGE_SENSITIVE,
				ACPI_ACTIVE_HIGH);
	if (irq < 0)
		return irq;
	error = request_irq(irq, interrupt, 0, "holdfast", &work);
	if (error)
		acpi_unregister_gsi(gsi);
	return error;
}

int __init hf_events_init(u32 number)
{
	int error;

	gsi = number;
	/* A notifier may have to write pages out to make an end. */
	queue = alloc_workqueue("holdfast", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!queue)
		return -ENOMEM;
	error = gsi ? take_interrupt() : 0;
	if (error) {
		pr_err("the interrupt that tells of changes, GSI %u, cannot be had: error %d\n",
		       gsi, error);
		destroy_workqueue(queue);
	}
	return error;
}

void hf_events_exit(void)
{
	if (gsi) {
		free_irq(irq, &work);
		acpi_unregister_gsi(gsi);
	}
	destroy_workqueue(queue);
}

int holdfast_register_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&notifiers, nb);
}
EXPORT_SYMBOL_GPL(holdfast_register_notifier);

int holdfast_unregister_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&notifiers, nb);
}
EXPORT_SYMBOL_GPL(holdfast_unregister_notifier);
