/* SPDX-License-Identifier: MIT
 * What the files of this room share. */
#ifndef HOLDFAST_ARENA_ROOM_H
#define HOLDFAST_ARENA_ROOM_H

#include "vmm/arena/accounts.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/drill.h"
#include "vmm/arena/faults.h"
#include "vmm/arena/latency.h"
#include "vmm/arena/look.h"
#include "vmm/arena/map_count.h"
#include "vmm/arena/operators.h"
#include "vmm/arena/rescues.h"
#include "vmm/memory/cgroup_watch.h"
#include "vmm/memory/memory.h"
#include "vmm/windows/windows.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>

/* A drill: what was made to fail, and what came of it. All but `on` under the arena's lock. */
struct drill {
    _Atomic bool on;
    uint64_t began_ns; /* calls that began before it are none of its */
    uint32_t asked[PRIMITIVES];
    uint32_t spared[PRIMITIVES]; /* not yet failed when it ended */
    uint64_t calls;
    uint64_t failed;
    uint64_t longest_ns;
    uint32_t held;     /* calls under way that it has made wait */
    uint64_t refusals; /* until it ends: the arena's count when it began. The same for rescued */
    uint64_t rescued;
};

/* struct latency, while calls add to it. */
struct latency_counts {
    _Atomic uint64_t count[LATENCY_BOUNDS + 1];
    _Atomic uint64_t sum_ns;
};

/* The fsyncs of one object, one after the other: how many have begun and ended, and the last that
 * failed (0: none). Under the arena's flush_lock. */
struct flushes {
    uint64_t begun;
    uint64_t ended;
    uint64_t failed;
};

/* Room for a guest's page list, copied in once, and for what becomes of it. */
struct arena_list {
    struct hf_extent extent[HF_LIST_MAX];
    struct run run[HF_LIST_MAX];
    struct arena_list *next; /* of the free ones */
};

/* As many calls with a list can wait at once while those without go on; more wait for these. */
#define ARENA_LISTS_MOST 8u

/* What one call, or one vCPU, shows of its rescue. It alone writes while it has taken the slot,
 * with sequence odd; whoever reads looks again where sequence was odd or has changed. All that is
 * read is atomic, so neither waits for the other, and nobody for a lock. */
struct rescue_slot {
    _Atomic bool is_taken;
    _Atomic uint32_t sequence;
    const char *_Atomic call;
    _Atomic bool is_access;
    _Atomic uint32_t vcpu;
    _Atomic uint64_t since_ns; /* 0: nothing to see */
    _Atomic uint64_t refused_ns;
    _Atomic uint64_t window;
    _Atomic uint64_t address;
    _Atomic bool has_address;
    _Atomic uint32_t tag;
    _Atomic uint32_t attempts;
    const char *_Atomic system_call;
    _Atomic int error;
    _Atomic bool is_injected;
    _Atomic bool has_lent;
};

/* The files that tell why the host refuses. The teller's own. */
struct unmet_files {
    bool are_kept; /* open between two looks */
    struct map_count_files maps;
    struct cgroup_watch cgroups;
};
_Static_assert(CGROUP_WATCH_FILES + 2 <= ARENA_FILES_KEPT, "as many as is said");

/* The thread that tells of rescues in the log. */
struct teller {
    struct unmet_files files;
    pthread_t thread;
    sem_t work; /* rescues.c posts it when a rescue begins */
    _Atomic bool stop;
    bool is_started;
    uint64_t told[ARENA_RESCUES_MOST]; /* since_ns of what it has told of each slot; its own */
};

/* A call of the guest that the host may keep waiting. */
struct arena_call {
    struct map_call memory;
    struct arena *arena;
    const struct arena_caller *caller;
    const char *name;             /* for people */
    const struct window *window;  /* that it changes; NULL: not decided yet */
    struct arena_list *list;      /* that it has taken, or NULL */
    uint32_t runs;                /* of that list, decided */
    const struct unmap_plan *old; /* of a REMAP that was decided: what goes for the new; or NULL */
    uint32_t turns;               /* how often it has waited for another call */
    struct rescue_slot *slot;     /* in which it is shown, or NULL */
    bool is_shown;                /* as being rescued; counted also where no slot was free */
    bool is_listed;               /* among the arena's calls under way */
    bool is_drilled;              /* a drill has made it wait */
    bool given_up;
    struct arena_call *next; /* under way */
};

/* Who may hold which lock, for how long at most, and why.
 *
 * lock. It keeps the window table and what stands behind the arena's pages the same. Host calls are
 * made under it, one at a time: two threads of one process that map are slower together than one.
 * Whoever holds it calls no allocator, opens, closes, reads and writes nothing, and waits for no
 * other lock; before it waits for memory or for another call, it gives the lock back.
 *   MAP, UNMAP, REMAP       the system calls of one call, as holdfast(7) counts them: at most
 *                           HF_LIST_MAX extents, and entries for at most 64 MiB
 *   RESERVE, RELEASE, STAT  a few steps in the table, O(log n); what RESERVE sets aside it takes
 *                           without the lock
 *   access faults           the same
 *   a reset                 one mmap over the whole arena: no vCPU runs, and no call is under way
 *   a forced detach         32 extents, or fewer that have 64 MiB, one mmap each; then a rest
 *   the arena's picture     256 looks at a window or a run of pages; then a rest
 *   lists                   one answer's: 512 windows, 255 objects or 1024 tags, copied
 *   accounts, INFO          totals that are kept up to date, and a look at 255 objects
 * Nobody: lists of rescues and counters, which are atomic, FLUSH, DISCARD, and the log.
 *
 * flush_lock. It keeps the fsyncs of objects in turn; held for some instructions, never together
 * with the lock, nor over an fsync.
 *
 * After the host has refused, a call closes the hole, lends ballast, tries again, shows itself, and
 * only then gives the lock back and sleeps. The thread that runs a vCPU takes the machine's lock
 * for some instructions around the sleep; to map, it takes this one again, for which it waits as
 * long as the longest call above. It never writes of it: that is the teller's. */
struct arena {
    pthread_mutex_t lock;
    bool is_reserving;     /* a RESERVE is under way, without the lock */
    _Atomic bool given_up; /* what nobody waits for any more */

    struct memory *memory;
    struct windows *windows;
    size_t windows_bytes;
    uint32_t extents_charged; /* what memory_account() was told last */
    uint64_t pieces_charged;
    struct arena_vmas vmas;
    struct guarantee_of_process process;
    struct drill drill;
    struct backings backings;

    struct arena_list *list; /* all of them */
    uint32_t list_count;
    struct arena_list *lists;     /* the free ones */
    struct arena_call *under_way; /* calls that wait for memory, or have */
    bool is_half_done;            /* a call was given up: the arena shows what the table does not
                                   * know, until the reset for which it was */

    struct rescue_slot rescues[ARENA_RESCUES_MOST];
    _Atomic uint32_t rescues_under_way; /* those that found no slot included */
    struct teller teller;

    pthread_mutex_t flush_lock;
    pthread_cond_t flushed; /* some fsync has ended */
    struct flushes flushes[BACKINGS_OBJECTS + 1];

    _Atomic uint32_t windows_now; /* as the table and the backings have them */
    _Atomic uint32_t objects_now;

    _Atomic uint64_t faults;
    _Atomic uint64_t calls;
    _Atomic uint64_t refused;
    _Atomic uint64_t host_failures;
    _Atomic uint64_t flushed_calls;
    _Atomic uint64_t discarded_calls;
    _Atomic uint64_t io_errors;
    _Atomic uint64_t refusals;
    _Atomic uint64_t rescued;
    struct latency_counts latency[LATENCY_CALLS];
};

/* Adds up what an operator's work has cost. */
void arena_note_work(struct arena *arena, const struct map_call *call);

/* Charges the host's side for what the windows have set aside now. The lock is held. Allocates
 * nothing, cannot fail. */
void arena_charge(struct arena *arena);

/* ---- under_way.c; the lock is held but for call_begin() ---- */

/* locked: it will wait with the lock held, which it gives back meanwhile. */
struct arena_call call_begin(struct arena *arena, const struct arena_caller *caller,
                             const char *name, bool locked);

/* What a call that is given up returns; nobody sees it. */
#define GIVEN_UP HF_UNKNOWN_CALL

/* Whether a call that was decided may change this window now, or has waited for another one on it
 * and is to be decided anew. */
enum call_turn { CALL_GOES_ON, CALL_DECIDES_ANEW, CALL_IS_OVER };
enum call_turn call_take_turn(struct arena_call *call, const struct window *window);

/* Waits until no RESERVE is under way and begins one. false: the call is given up. */
bool call_begin_reserve(struct arena_call *call);

/* Waits until no other call is under way. false: the call is given up. */
bool call_wait_for_others(struct arena_call *call);

/* Takes room for a list; waits if there is none. false: the call is given up. */
bool call_take_list(struct arena_call *call);

void call_end(struct arena_call *call);

/* Whether a call under way is about to map pages of an object, or others in their place. */
bool calls_use(const struct arena *arena, uint32_t slot);

/* ---- rescues.c ---- */

/* Shows that the host is keeping a call waiting, or how that goes on; before it sleeps. Where the
 * call has a window, the arena's lock is held. Allocates nothing, waits for nothing, cannot fail.
 */
void rescue_show(struct arena_call *call);

/* Takes it back, if it was shown; call_end() does that, too. */
void rescue_clear(struct arena_call *call);

/* What a slot has to show. Any thread. */
enum rescue_slot_state { RESCUE_NONE, RESCUE_SHOWN, RESCUE_STALE };
enum rescue_slot_state rescue_read(struct rescue_slot *slot, struct arena_rescue *rescue);

/* ---- teller.c ---- */

/* 0, or -1 with the error set: no thread to be had. */
int teller_start(struct arena *arena, bool keep_files, struct error *error);

/* Does nothing where none was started. */
void teller_stop(struct arena *arena);

/* ---- unmet.c ---- */

#define UNMET_TEXT 448u

/* keep: the files are opened now and stay open. Opens and allocates; cannot fail. */
void unmet_begin(struct unmet_files *files, bool keep);
void unmet_end(struct unmet_files *files);

/* Which condition of the guarantee is not met, as far as it can be told: why the host refuses.
 * Reads files, and opens those that are not kept, so it is not for who holds a lock or is to map;
 * allocates nothing; one thread at a time. Cannot fail: where no reason is found, the text says so.
 */
void unmet_text(struct arena *arena, const struct arena_rescue *rescue, char text[UNMET_TEXT]);

/* ---- storage.c ---- */

/* backings_unpin(); closes an object that was detached meanwhile. Takes the lock. Cannot fail. */
void arena_unpin(struct arena *arena, uint32_t slot);

/* ---- steps.c: operators' calls ---- */

/* What one step may do with the lock held. */
#define ARENA_STEP_LOOKS   256u        /* at a window or a run of pages, O(log n) each */
#define ARENA_STEP_EXTENTS 32u         /* taken away, one mmap each */
#define ARENA_STEP_PAGES   (16u << 10) /* 64 MiB: no further extent once these are away */

/* Locks the arena for a step; gives it back, and waits if there are more, so that calls that wait
 * for the lock get it. Neither can fail. */
uint64_t step_begin(struct arena *arena);
void step_end(struct arena *arena, uint64_t began, bool more);

/* ---- clock.c ---- */

/* Nanoseconds of CLOCK_MONOTONIC. Cannot fail. */
uint64_t arena_now(void);

/* ---- latency.c ---- */

/* Counts a call that went through and took so long. Any thread, without the lock. */
void latency_note(struct latency_counts *counts, uint64_t nanoseconds);

/* Copies what was counted. A call that ends meanwhile may be in its bucket and not yet in the sum.
 */
void latency_read(struct latency_counts *counts, struct latency *latency);

/* ---- what operators look at; the lock is held ---- */

void accounts_read(struct arena *arena, struct arena_accounts *accounts);
void counters_read(struct arena *arena, struct arena_counters *counters);
uint32_t tags_read(struct arena *arena, uint32_t from, struct tag_state *states, uint32_t room);

/* ---- drill.c ---- */

/* Counts and times a MAP, UNMAP or REMAP that has begun while a drill was on, and ends now, if one
 * is on. The lock is held. */
void drill_note(struct arena *arena, enum hf_status status, uint64_t began);

/* Ends a drill, if one is on, and takes back what has not failed yet. The lock is held. */
void drill_end(struct arena *arena);

#endif
