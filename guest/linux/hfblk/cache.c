// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Which chunk of the object is mapped in which slot of the window. Any chunk
 * can be in any slot: a working set that fits in the window stays mapped,
 * however it is scattered over the object. Chunks are found by a hash table
 * with a lock for each bucket; the slot to give up is found by a clock's hand.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "cache.h"

#define HFBLK_NO_CHUNK U64_MAX
#define HFBLK_END U32_MAX
#define HFBLK_BUSY (-1) /* being mapped; nobody may pin it */

static struct hfblk_bucket *bucket_of(struct hfblk_cache *cache, u64 chunk)
{
	/* Neighbours fall into different buckets. */
	return &cache->bucket[chunk & cache->hash_mask];
}

static struct hfblk_slot *find(struct hfblk_cache *cache,
			       struct hfblk_bucket *bucket, u64 chunk)
{
	u32 i;

	lockdep_assert_held(&bucket->lock);
	for (i = bucket->first; i != HFBLK_END; i = cache->slot[i].next)
		if (cache->slot[i].chunk == chunk)
			return &cache->slot[i];
	return NULL;
}

static struct hfblk_slot *pin_mapped(struct hfblk_cache *cache, u64 chunk,
				     bool *there)
{
	struct hfblk_bucket *bucket = bucket_of(cache, chunk);
	struct hfblk_slot *slot;

	raw_spin_lock(&bucket->lock);
	slot = find(cache, bucket, chunk);
	*there = slot;
	if (slot && !atomic_inc_unless_negative(&slot->pins))
		slot = NULL;
	raw_spin_unlock(&bucket->lock);
	return slot;
}

static void enter(struct hfblk_cache *cache, struct hfblk_slot *slot, u64 chunk)
{
	struct hfblk_bucket *bucket = bucket_of(cache, chunk);

	lockdep_assert_held(&cache->clock_lock);
	raw_spin_lock(&bucket->lock);
	slot->chunk = chunk;
	slot->next = bucket->first;
	bucket->first = slot - cache->slot;
	raw_spin_unlock(&bucket->lock);
}

/* Takes a slot out of its list if it has @pins; false: it has others. */
static bool leave(struct hfblk_cache *cache, struct hfblk_slot *slot, int pins)
{
	struct hfblk_bucket *bucket;
	u32 *link;
	bool ours;

	lockdep_assert_held(&cache->clock_lock);
	if (slot->chunk == HFBLK_NO_CHUNK)
		return atomic_cmpxchg(&slot->pins, pins, HFBLK_BUSY) == pins;

	bucket = bucket_of(cache, slot->chunk);
	raw_spin_lock(&bucket->lock);
	/* Acquire: the copies of those who had it pinned are over. */
	ours = atomic_cmpxchg_acquire(&slot->pins, pins, HFBLK_BUSY) == pins;
	if (ours) {
		link = &bucket->first;
		while (*link != slot - cache->slot)
			link = &cache->slot[*link].next;
		*link = slot->next;
		slot->chunk = HFBLK_NO_CHUNK;
	}
	raw_spin_unlock(&bucket->lock);
	return ours;
}

/* Once round at most twice: the first round makes all slots unused. */
static struct hfblk_slot *take_victim(struct hfblk_cache *cache)
{
	struct hfblk_slot *slot;
	u32 tries;

	for (tries = 0; tries < 2 * cache->slots; tries++) {
		slot = &cache->slot[cache->hand];
		if (++cache->hand == cache->slots)
			cache->hand = 0;
		if (READ_ONCE(slot->used))
			WRITE_ONCE(slot->used, false);
		else if (!atomic_read(&slot->pins) && leave(cache, slot, 0))
			return slot;
	}
	return NULL;
}

/*
 * A slot for a chunk that has none, entered as busy. NULL: the chunk has got
 * one meanwhile, or all slots are pinned.
 */
static struct hfblk_slot *claim(struct hfblk_cache *cache, u64 chunk)
{
	struct hfblk_bucket *bucket = bucket_of(cache, chunk);
	struct hfblk_slot *slot = NULL;
	bool there;

	raw_spin_lock(&cache->clock_lock);
	raw_spin_lock(&bucket->lock);
	there = find(cache, bucket, chunk);
	raw_spin_unlock(&bucket->lock);
	if (!there)
		slot = take_victim(cache);
	if (slot)
		enter(cache, slot, chunk);
	raw_spin_unlock(&cache->clock_lock);
	return slot;
}

static int show_chunk(struct hfblk_cache *cache, struct hfblk_slot *slot)
{
	const unsigned int shift = cache->chunk_shift - PAGE_SHIFT;
	const u64 at = (u64)(slot - cache->slot) << shift;
	const u64 first = slot->chunk << shift;
	const u32 pages = min(1ull << shift, cache->object_pages - first);
	struct holdfast_window *w = cache->window;
	int error;

	if (slot->pages) {
		hfblk_count(cache, remaps);
		error = holdfast_remap_object(w, at, slot->pages, at,
					      &cache->object, first, pages,
					      cache->map_flags);
	} else {
		error = holdfast_map_object(w, at, &cache->object, first, pages,
					    cache->map_flags);
	}
	/* After an error the slot still has what it had, but for these two. */
	if (!error)
		slot->pages = pages;
	else if (error == -EBUSY || error == -EIO)
		slot->pages = 0;
	return error;
}

static struct hfblk_slot *fill(struct hfblk_cache *cache,
			       struct hfblk_slot *slot)
{
	const int error = show_chunk(cache, slot);

	if (!error) {
		atomic_set_release(&slot->pins, 1);
		return slot;
	}
	/* A detached object is the operator's affair; nothing else may happen.
	 */
	if (error != -ENXIO)
		hfblk_count(cache, refused);
	raw_spin_lock(&cache->clock_lock);
	leave(cache, slot, HFBLK_BUSY);
	raw_spin_unlock(&cache->clock_lock);
	atomic_set_release(&slot->pins, 0);
	return ERR_PTR(error);
}

struct hfblk_slot *hfblk_pin(struct hfblk_cache *cache, u64 chunk)
{
	struct hfblk_slot *slot;
	bool there;

	for (;; cpu_relax()) {
		slot = pin_mapped(cache, chunk, &there);
		if (slot) {
			hfblk_count(cache, hits);
			if (!READ_ONCE(slot->used))
				WRITE_ONCE(slot->used, true);
			return slot;
		}
		if (there)
			continue;
		slot = claim(cache, chunk);
		if (slot) {
			hfblk_count(cache, misses);
			return fill(cache, slot);
		}
	}
}

/* Cuts @window bytes into slots: smaller ones if there would be too few. */
static void cut(struct hfblk_cache *cache, unsigned int chunk_shift, u64 window)
{
	const u32 least = 2 * num_possible_cpus();
	u64 chunks;

	while (chunk_shift > PAGE_SHIFT && window >> chunk_shift < least)
		chunk_shift--;
	chunks = DIV_ROUND_UP_ULL(cache->object_pages,
				  1ull << (chunk_shift - PAGE_SHIFT));
	cache->chunk_shift = chunk_shift;
	cache->slots = min3(max_t(u64, window >> chunk_shift, least), chunks,
			    (u64)HFBLK_END / 4);
}

static int reserve(struct hfblk_cache *cache, unsigned int chunk_shift,
		   u64 window)
{
	struct holdfast_window *w;

	for (;; window /= 2) {
		cut(cache, chunk_shift, window);
		w = holdfast_reserve((u64)cache->slots << cache->chunk_shift,
				     HFBLK_TAG, 0, cache->slots);
		if (!IS_ERR(w))
			break;
		if (PTR_ERR(w) != -ENOMEM || window < PAGE_SIZE)
			return PTR_ERR(w);
	}
	cache->window = w;
	cache->address = holdfast_window_address(w);
	return 0;
}

static int make_tables(struct hfblk_cache *cache)
{
	const u32 buckets = roundup_pow_of_two(cache->slots);
	u32 i;

	cache->hash_mask = buckets - 1;
	cache->slot = kvcalloc(cache->slots, sizeof(*cache->slot), GFP_KERNEL);
	cache->bucket = kvcalloc(buckets, sizeof(*cache->bucket), GFP_KERNEL);
	cache->stats = alloc_percpu(struct hfblk_stats);
	if (!cache->slot || !cache->bucket || !cache->stats)
		return -ENOMEM;

	raw_spin_lock_init(&cache->clock_lock);
	for (i = 0; i < cache->slots; i++)
		cache->slot[i].chunk = HFBLK_NO_CHUNK;
	for (i = 0; i < buckets; i++) {
		raw_spin_lock_init(&cache->bucket[i].lock);
		cache->bucket[i].first = HFBLK_END;
	}
	return 0;
}

int hfblk_cache_make(struct hfblk_cache *cache,
		     const struct holdfast_object *object,
		     unsigned int chunk_shift, u64 window)
{
	int error;

	*cache = (struct hfblk_cache){
		.object = *object,
		.object_pages = DIV_ROUND_UP_ULL(object->bytes, PAGE_SIZE),
		.map_flags = object->writable ? 0 : HF_MAP_READ_ONLY,
	};
	error = reserve(cache, chunk_shift, window);
	if (!error)
		error = make_tables(cache);
	if (error)
		hfblk_cache_unmake(cache);
	return error;
}

void hfblk_cache_unmake(struct hfblk_cache *cache)
{
	const unsigned int shift = cache->chunk_shift - PAGE_SHIFT;
	u32 i;

	/* A hypercall for each of what may be a great many. */
	for (i = 0; cache->slot && i < cache->slots; i++, cond_resched())
		if (cache->slot[i].pages)
			holdfast_unmap(cache->window, (u64)i << shift,
				       cache->slot[i].pages);
	holdfast_release(cache->window);
	free_percpu(cache->stats);
	kvfree(cache->bucket);
	kvfree(cache->slot);
}
