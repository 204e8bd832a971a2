/* SPDX-License-Identifier: MIT
 * The window table: which parts of the arena are reserved, by whom, and what is mapped in them.
 * Pure logic: no system call, no lock, no allocation after windows_create(). The caller holds one
 * lock around every call (vmm/arena does).
 *
 * MAP, UNMAP, REMAP and RELEASE are two functions each: windows_decide_...() checks everything and
 * changes nothing; windows_commit_...() makes it true and cannot fail. In between the caller makes
 * the host follow. Until the commit no other call may change that window, and no object that the
 * call maps may be detached; the rest of the table may change (vmm/arena sees to both).
 * RESERVE takes what it needs at once, and is then published or abandoned.
 *
 * Words: vmm/WORDS.md. */
#ifndef HOLDFAST_WINDOWS_WINDOWS_H
#define HOLDFAST_WINDOWS_WINDOWS_H

#include "backings.h"
#include "holdfast/abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct windows; /* the table */
struct window;  /* one reserved window; valid until released */

/* 2 MiB of the arena: what one second-level table of the last level covers. */
#define PIECE_PAGES 512u

struct windows_limits {
    uint64_t arena_page; /* first guest-physical page of the arena */
    uint64_t arena_pages;
    uint32_t windows; /* at once */
    uint32_t extents; /* set aside over all windows */
    uint32_t tags;    /* with an account of their own */
    uint64_t pieces;  /* with some window in them; 0, or more than the arena has: all of them */
};

/* Bytes of memory that windows_create() needs for these limits. */
size_t windows_bytes(const struct windows_limits *limits);

/* Builds an empty table in memory of windows_bytes(limits) zeroed bytes, aligned to 64. Writes
 * only what an empty table needs: the records' pages stay untouched until a RESERVE sets them
 * aside. Cannot fail. The table keeps a reference to backings and counts live extents there. */
struct windows *windows_create(void *memory, const struct windows_limits *limits,
                               struct backings *backings);

/* ---- RESERVE ---- */

/* What a RESERVE asks for, not yet checked. */
struct reserve_request {
    uint64_t bytes;
    uint32_t tag;
    uint32_t flags;
    uint32_t max_extents;
};

/* Takes arena space and records for a new window. The window exists but no other call finds it
 * until windows_publish(). HF_OK, HF_RESERVE_NOTHING, HF_BAD_TAG, HF_BAD_FLAGS, HF_TOO_LARGE or
 * HF_NO_RESOURCES; on failure the table is as it was, but for the refusal, which is counted for
 * the tag where its arguments were good. */
enum hf_status windows_reserve(struct windows *windows, const struct reserve_request *request,
                               struct window **window);

/* Makes the window known under its handle. Cannot fail. */
void windows_publish(struct windows *windows, struct window *window);

/* Gives back a window that was not published, and counts it as refused. Cannot fail. */
void windows_abandon(struct windows *windows, struct window *window);

/* ---- MAP, UNMAP, REMAP ---- */

/* The same of a MAP, but for its list. */
struct map_request {
    uint64_t window; /* handle */
    uint64_t page_offset;
    uint32_t tag;
    uint32_t flags;
    uint32_t cache;
};

/* What MAP will do: runs[count] go to the arena from arena_page on. */
struct map_plan {
    struct window *window;
    uint64_t page_offset; /* in the window */
    uint64_t arena_page;  /* guest-physical page of the first page mapped */
    uint64_t pages;
    const struct run *runs;
    uint32_t count;
    bool writable;
    enum hf_cache cache; /* asked for in decide, in force after commit */
};

/* Checks a MAP. list[count] is the caller's own copy of the guest's list, count at least 1; runs
 * has room for count and must live until the commit. Any MAP status but HF_BAD_ADDRESS. */
enum hf_status windows_decide_map(const struct windows *windows, const struct map_request *request,
                                  const struct hf_extent *list, uint32_t count, struct run *runs,
                                  struct map_plan *plan);

/* Enters the mapping; plan->cache becomes the type in force: the type with which a page of the
 * list is mapped already anywhere in the VM (the strictest, where they differ: non-cached before
 * write-combined before cached), else the type asked for. Cannot fail: the records were set
 * aside by RESERVE and counted by decide. */
void windows_commit_map(struct windows *windows, struct map_plan *plan);

/* The same of an UNMAP. */
struct unmap_request {
    uint64_t window;
    uint64_t page_offset;
    uint64_t pages;
    uint32_t tag;
};

struct unmap_plan {
    struct window *window;
    uint64_t page_offset;
    uint64_t arena_page;
    uint64_t pages;
};

enum hf_status windows_decide_unmap(const struct windows *windows,
                                    const struct unmap_request *request, struct unmap_plan *plan);
void windows_commit_unmap(struct windows *windows, const struct unmap_plan *plan);

/* REMAP: old.window is map.window; the new mapping is checked as if the old one were gone. A
 * wrong tag is HF_MAP_WRONG_TAG, a missing window HF_MAP_NO_WINDOW. */
enum hf_status windows_decide_remap(const struct windows *windows,
                                    const struct map_request *request, uint64_t old_offset,
                                    uint64_t old_pages, const struct hf_extent *list,
                                    uint32_t count, struct run *runs, struct map_plan *map,
                                    struct unmap_plan *unmap);
void windows_commit_remap(struct windows *windows, struct map_plan *map,
                          const struct unmap_plan *unmap);

/* Pages of the arena that lie together. */
struct arena_part {
    uint64_t arena_page;
    uint64_t pages;
};

/* What the old mapping of a REMAP had and the new one does not cover: returns how many parts, in
 * order of address. Cannot fail. */
uint32_t windows_remap_rest(const struct unmap_plan *old, const struct map_plan *new,
                            struct arena_part rest[2]);

/* ---- RELEASE, STAT ---- */

enum hf_status windows_decide_release(const struct windows *windows, uint64_t handle, uint32_t tag,
                                      struct window **window);
void windows_commit_release(struct windows *windows, struct window *window);

/* A copy of a window's state, for STAT and for the control service. */
struct window_state {
    uint64_t handle;
    uint64_t arena_page; /* guest-physical page of its base */
    uint64_t pages;
    uint64_t mapped_pages;
    uint32_t tag;
    uint32_t flags;
    uint32_t max_extents;
    uint32_t extents;
    uint32_t mappings;
    uint64_t maps;
    uint64_t unmaps;
    uint64_t faults;
};

/* HF_OK or HF_STAT_NO_WINDOW. */
enum hf_status windows_stat(const struct windows *windows, uint64_t handle,
                            struct window_state *state);

/* ---- for the VMM ---- */

void window_describe(const struct window *window, struct window_state *state);

/* The first published window whose base lies at or behind arena_page (guest-physical), in order
 * of address; NULL after the last. */
const struct window *windows_next(const struct windows *windows, uint64_t arena_page);

/* Mapped pages of a window that lie together: the longest range of one MAP of which none is
 * detached, or one extent that is. */
struct mapped_run {
    uint64_t page_offset; /* in the window */
    uint64_t pages;
    bool is_detached; /* its object was detached by force: the pages show nothing */
};

/* The first mapped run of the window that ends behind page_offset; false after the last. Takes
 * O(log n) of the window's extents. */
bool window_next_run(const struct window *window, uint64_t page_offset, struct mapped_run *run);

/* Counts an access fault at a guest-physical page of the arena: in the window that contains it,
 * if any, whose handle is returned (else 0). */
uint64_t windows_count_fault(struct windows *windows, uint64_t arena_page);

/* The published window that contains a guest-physical page of the arena, or NULL. */
const struct window *windows_at(const struct windows *windows, uint64_t arena_page);

/* What the guest may do with a guest-physical page of the arena. Takes O(log n) of the windows and
 * of a window's extents: a guest may ask by faulting as often as it likes. */
enum page_rights { PAGE_NOT_MAPPED, PAGE_READ_ONLY, PAGE_WRITABLE };
enum page_rights windows_page_rights(const struct windows *windows, uint64_t arena_page);

/* Walks the live extents of an object: the next one's pages in the arena, or false when no more
 * are left. The extent stays mapped as far as the guest is concerned (its UNMAP succeeds) but is
 * no longer counted as using the object. For a detach by force; call until false. Between two calls
 * anything else may be called that does not map the object anew. */
bool windows_disown(struct windows *windows, uint32_t slot, uint64_t *arena_page, uint64_t *pages);

/* The window that windows_disown() would change next, or NULL. */
const struct window *windows_next_user(const struct windows *windows, uint32_t slot);

/* Whether what an UNMAP takes away has pages of an object. The plan still holds. */
bool windows_unmap_has(const struct unmap_plan *plan, uint32_t slot);

/* ---- tags ---- */

struct tag_amounts {
    uint64_t windows;
    uint64_t pages;
    uint64_t extents; /* set aside */
};

/* The account of one tag. The counters count since the start or the last reset. */
struct tag_state {
    uint32_t tag;
    struct tag_amounts held;  /* by its windows, those not published included */
    struct tag_amounts high;  /* the most that was ever held */
    struct tag_amounts quota; /* the most that may be held; 0: no quota */
    uint64_t refused;         /* RESERVEs for which a quota or a budget was short */
    uint64_t rescued;         /* windows_count_rescued() */
    uint64_t longest_rescue;  /* of these, nanoseconds */
};

/* Says how much the windows of a tag may hold; all 0: as much as there is. What is held already
 * stays, even if it is more. false if limits.tags tags hold a window or have a quota. */
bool windows_set_quota(struct windows *windows, uint32_t tag, const struct tag_amounts *quota);

/* The account with the smallest tag from this one on; false after the last. A tag has one from
 * its first RESERVE, or from when it gets a quota. Where limits.tags accounts are in use, one
 * that holds nothing and has no quota goes when a new one comes. */
bool windows_next_tag(const struct windows *windows, uint32_t from, struct tag_state *state);

/* Counts a MAP, UNMAP or REMAP that would have failed but for what was set aside, and that took so
 * long to get over it. Cannot fail. */
void windows_count_rescued(struct windows *windows, const struct window *window,
                           uint64_t nanoseconds);

/* Unmaps and releases everything. Handles given out before stay dead; quotas stay, every other
 * account and counter begins at 0. Cannot fail. */
void windows_reset(struct windows *windows);

struct windows_totals {
    uint64_t arena_pages;
    uint64_t arena_free;
    uint64_t arena_largest;
    uint64_t mapped_pages;
    uint32_t windows_max;
    uint32_t windows; /* in use, those not published included */
    uint64_t pieces;  /* with some window in them */
    uint64_t pieces_max;
    uint32_t extents_max;
    uint32_t extents_reserved; /* set aside by the windows */
    uint32_t extents;          /* mapped */
    uint64_t reserves;         /* successful calls since the start or the last reset */
    uint64_t releases;
    uint64_t maps;
    uint64_t unmaps;
};

void windows_totals(const struct windows *windows, struct windows_totals *totals);

#endif
