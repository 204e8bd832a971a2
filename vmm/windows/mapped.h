/* SPDX-License-Identifier: MIT
 * What is mapped: by its backing, and by its page offset in a window. */
#ifndef HOLDFAST_WINDOWS_MAPPED_H
#define HOLDFAST_WINDOWS_MAPPED_H

#include "table.h"

/* ---- live.c: by the pages that stand behind it, anywhere, with which cache type ---- */

/* Both count the extent in its backing, too. Neither can fail. */
void live_insert(struct windows *windows, struct extent *extent);
void live_remove(struct windows *windows, struct extent *extent);

/* Some extent of this type with a page from key to end (exclusive), or NULL. */
struct extent *live_find(const struct windows *windows, enum hf_cache cache, uint64_t key,
                         uint64_t end);

enum hf_cache live_type_in_force(const struct windows *windows, const struct run *runs,
                                 uint32_t count, enum hf_cache asked);

/* ---- detached.c: the detached extents of one window, by page offset ---- */

/* None of these can fail. Each takes O(log n). */
void detached_insert(struct window *window, struct extent *extent);
void detached_remove(struct window *window, struct extent *extent);

/* The last one that begins at or before the page offset, or NULL; the one after (NULL: the first),
 * or NULL. */
struct extent *detached_before(const struct window *window, uint64_t offset);
struct extent *detached_next(const struct window *window, struct extent *extent);

/* ---- mappings.c: the mappings of one window, by page offset ---- */

/* Neither can fail. Both take O(log n). */
void mappings_insert(struct window *window, struct mapping *mapping);
void mappings_remove(struct window *window, struct mapping *mapping);

/* The first mapping that ends behind the page offset; the one after; NULL for none. */
struct mapping *mappings_ending_behind(const struct window *window, uint64_t offset);
struct mapping *mappings_next(struct mapping *mapping);

/* Whether every page from the offset on is mapped, in however many mappings. O(log n) of them. */
bool mappings_cover(const struct window *window, uint64_t offset, uint64_t pages);

#endif
