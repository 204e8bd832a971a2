// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Maps where nothing may sleep, and on all CPUs at once. */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "selftest.h"

#define PAGES 300 /* more than the argument page holds */

struct part {
	struct holdfast_window *w;
	struct page **pages;
	u64 page_offset;
	bool good;
	struct completion done;
	struct timer_list timer;
	struct irq_work work;
};

/* With both kinds of list. */
static bool map_here(const struct part *part, unsigned int count)
{
	expect_result(holdfast_map_pages(part->w, part->page_offset,
					 part->pages, count, 0),
		      0);
	expect(shows_numbers(part->w, part->page_offset, 0, count));
	expect_result(holdfast_remap_pages(part->w, part->page_offset, count,
					   part->page_offset, part->pages + 1,
					   count - 1, 0),
		      0);
	expect(shows_numbers(part->w, part->page_offset, 1, count - 1));
	expect_result(holdfast_unmap(part->w, part->page_offset, count - 1), 0);
	return true;
}

static bool map_atomic(const struct part *part)
{
	expect(irqs_disabled() || in_interrupt());
	return map_here(part, 3) && map_here(part, PAGES);
}

static void in_timer(struct timer_list *timer)
{
	struct part *part = container_of(timer, struct part, timer);

	part->good = in_serving_softirq() && map_atomic(part);
	complete(&part->done);
}

static void in_interrupt_work(struct irq_work *work)
{
	struct part *part = container_of(work, struct part, work);

	part->good = in_hardirq() && map_atomic(part);
	complete(&part->done);
}

static bool everywhere(struct part *part)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;
	bool good;

	spin_lock_irqsave(&lock, flags);
	good = map_atomic(part);
	spin_unlock_irqrestore(&lock, flags);
	expect(good);

	init_completion(&part->done);
	timer_setup(&part->timer, in_timer, 0);
	mod_timer(&part->timer, jiffies + 1);
	wait_for_completion(&part->done);
	expect(part->good);

	reinit_completion(&part->done);
	part->work = IRQ_WORK_INIT_HARD(in_interrupt_work);
	irq_work_queue(&part->work);
	wait_for_completion(&part->done);
	irq_work_sync(&part->work);
	expect(part->good);
	return true;
}

bool test_atomic(void)
{
	static struct part part;
	bool good;

	part.w = holdfast_reserve(PAGES * PAGE_SIZE, TAG, 0, 0);
	part.pages = pages_scattered(PAGES);
	expect(!IS_ERR(part.w) && part.pages);
	good = everywhere(&part);
	pages_free(part.pages, PAGES);
	holdfast_release(part.w);
	return good;
}

static int hammer(void *argument)
{
	struct part *part = argument;
	unsigned int round;

	part->good = true;
	for (round = 0; part->good && round < 8; round++) {
		part->good = map_here(part, 3) && map_here(part, PAGES);
		cond_resched();
	}
	complete(&part->done);
	return 0;
}

static struct part parts[NR_CPUS > 8 ? 8 : NR_CPUS];

/* Parts of one window, one for each CPU, with its list fought for. */
static bool hammer_all(struct holdfast_window *w, struct page **pages)
{
	unsigned int started = 0;
	bool good = true;
	int cpu;

	for_each_online_cpu(cpu) {
		struct part *part = &parts[started];
		struct task_struct *task;

		if (started == ARRAY_SIZE(parts))
			break;
		*part = (struct part){.w = w,
				      .pages = pages,
				      .page_offset = (u64)started * PAGES};
		init_completion(&part->done);
		task = kthread_create(hammer, part, "holdfast-hammer");
		expect(!IS_ERR(task));
		kthread_bind(task, cpu);
		wake_up_process(task);
		started++;
	}
	while (started) {
		wait_for_completion(&parts[--started].done);
		good &= parts[started].good;
	}
	return good;
}

bool test_all_cpus(void)
{
	struct holdfast_window *w = holdfast_reserve(
		ARRAY_SIZE(parts) * PAGES * PAGE_SIZE, TAG, 0, 0);
	struct page **pages = pages_scattered(PAGES);
	bool good = !IS_ERR(w) && pages && hammer_all(w, pages);

	if (pages)
		pages_free(pages, PAGES);
	holdfast_release(w);
	return good;
}
