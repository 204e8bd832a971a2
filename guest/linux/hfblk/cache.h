/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A window as a cache of an object: cut into slots of one chunk each, which
 * stay mapped until their place is needed for another chunk. A chunk that is
 * mapped costs no hypercall; one that is not costs one.
 *
 * Everything is set aside when the cache is made. Afterwards nothing allocates
 * and nothing sleeps. A slot is used by one CPU for one copy with preemption
 * off, so at most one slot a CPU cannot be remapped at a time; there are at
 * least twice as many slots, or one for each chunk of the object. Who finds no
 * slot, or the one it wants still being mapped, spins until a copy or hypercall
 * of another CPU ends, and holds nothing meanwhile.
 */
#ifndef HFBLK_CACHE_H
#define HFBLK_CACHE_H

#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "holdfast.h"

#define HFBLK_TAG 0x4b424648u /* "HFBK" in memory */

struct hfblk_slot {
	u64 chunk;     /* HFBLK_NO_CHUNK: none */
	u32 next;      /* in the bucket's list; HFBLK_END */
	u32 pages;     /* mapped, of whatever chunk; 0: none */
	atomic_t pins; /* users, or HFBLK_BUSY */
	bool used;     /* since the clock's hand came by */
} ____cacheline_aligned_in_smp;

struct hfblk_bucket {
	raw_spinlock_t lock; /* the list, and a slot's pins from 0 to 1 */
	u32 first;
} ____cacheline_aligned_in_smp;

struct hfblk_stats {
	u64 hits, misses, remaps, refused, faults, flushes, discards;
};

struct hfblk_cache {
	struct holdfast_object object;
	struct holdfast_window *window;
	void *address;
	u64 object_pages;
	unsigned int chunk_shift; /* of a chunk's bytes */
	unsigned int map_flags;
	u32 slots;
	u32 hash_mask;
	struct hfblk_slot *slot;
	struct hfblk_bucket *bucket;
	struct hfblk_stats __percpu *stats;

	raw_spinlock_t
		clock_lock; /* which chunk a slot is for; outer to a bucket's */
	u32 hand;
};

#define hfblk_count(cache, what) this_cpu_inc((cache)->stats->what)

/*
 * Process context. @window: bytes wanted; less is taken where the object is
 * smaller or the host's budgets are short, and more where the CPUs need it.
 * -ENOMEM, or what holdfast_reserve() answers.
 */
int hfblk_cache_make(struct hfblk_cache *cache,
		     const struct holdfast_object *object,
		     unsigned int chunk_shift, u64 window);

/* Process context; nobody uses the cache any more. */
void hfblk_cache_unmake(struct hfblk_cache *cache);

/*
 * The slot that shows @chunk, mapped if it was not, and safe from being
 * remapped until hfblk_unpin(). Preemption must be off from before the call
 * until after hfblk_unpin(); one slot at a time. Any error of a map call, of
 * which none is for want of resources: -ENXIO when the object was detached.
 */
struct hfblk_slot *hfblk_pin(struct hfblk_cache *cache, u64 chunk);

static inline void hfblk_unpin(struct hfblk_slot *slot)
{
	atomic_dec_return_release(&slot->pins);
}

static inline void *hfblk_slot_address(const struct hfblk_cache *cache,
				       const struct hfblk_slot *slot)
{
	return cache->address +
	       ((u64)(slot - cache->slot) << cache->chunk_shift);
}

#endif
