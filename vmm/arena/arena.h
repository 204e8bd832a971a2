/* SPDX-License-Identifier: MIT
 * The arena as the rest of the VMM sees it: the window table and the memory behind it under one
 * lock. Hypercalls and the control service both come through here.
 *
 * Functions that return an hf_status fail only as the ABI says. Functions for operators return 0
 * or -1 with a message for a person in the error. */
#ifndef HOLDFAST_ARENA_ARENA_H
#define HOLDFAST_ARENA_ARENA_H

#include "holdfast/abi.h"
#include "vmm/error.h"
#include "vmm/memory/guarantee.h"
#include "vmm/memory/object.h"
#include "vmm/memory/primitive.h"
#include "vmm/windows/windows.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct memory;

#define ARENA_EXTENTS_MOST (1u << 20) /* whatever vm.max_map_count says */
#define ARENA_TAGS         1024u      /* with an account of their own */

/* The most extents for which vm.max_map_count leaves room in a process with so many vCPUs, as it is
 * now: the more it maps otherwise, the fewer. 0, or -1 with the error set: for none. */
int arena_extents_most(uint32_t vcpus, uint32_t *extents, struct error *error);

struct arena_config {
    uint32_t windows; /* most windows at once */
    uint32_t extents; /* most extents at once; 0: what vm.max_map_count leaves room for */
    uint64_t tables;  /* most tables of the second level; 0: as many as the arena takes */
    uint32_t vcpus;   /* that will be made; their threads take VMAs, too */
    struct guarantee_of_process process; /* for arena_accounts() */
};

/* Takes over memory, whose arena is all guard. NULL with the error set if the table cannot be
 * allocated. */
struct arena *arena_create(struct memory *memory, const struct arena_config *config,
                           struct error *error);
void arena_destroy(struct arena *arena);

/* The VM has ended: operators' calls no longer wait for the host's memory. Any thread; cannot fail.
 */
void arena_give_up(struct arena *arena);

/* ---- the calls of the ABI ---- */

void arena_info(struct arena *arena, struct hf_info *info);
enum hf_status arena_object_open(struct arena *arena, struct hf_object_open *call);

/* Who makes a call: a vCPU, on its own thread. */
struct arena_caller {
    int vcpu_fd; /* second-level tables are made for it */
    void *who;   /* for wait() */

    /* Waits about so many nanoseconds, or less, while the host is short of memory. false: the call
     * is given up, for the VM is being reset or has ended: nobody will see its status. NULL:
     * sleeps, until arena_give_up(). */
    bool (*wait)(const struct arena_caller *caller, uint64_t nanoseconds);
};

/* Where the host is short of memory, these wait until it gives in. Other calls go on meanwhile, but
 * for those on the same window. */
enum hf_status arena_reserve(struct arena *arena, const struct arena_caller *caller,
                             struct hf_reserve *call);
enum hf_status arena_map(struct arena *arena, const struct arena_caller *caller,
                         struct hf_map *call);
enum hf_status arena_unmap(struct arena *arena, const struct arena_caller *caller,
                           const struct hf_unmap *call);
enum hf_status arena_remap(struct arena *arena, const struct arena_caller *caller,
                           struct hf_remap *call);
enum hf_status arena_release(struct arena *arena, const struct arena_caller *caller,
                             const struct hf_release *call);
enum hf_status arena_stat(struct arena *arena, struct hf_stat *call);

/* These wait for the host's storage, without the arena's lock: all other calls go on. A forced
 * detach meanwhile does not wait for them; the descriptor is closed when they are through. */
enum hf_status arena_flush(struct arena *arena, const struct hf_flush *call);
enum hf_status arena_discard(struct arena *arena, const struct hf_discard *call);

/* ---- for the machine ---- */

/* Counts an access that will be answered with #GP. gpa: the address if it is known, else
 * ARENA_GPA_UNKNOWN. Returns the handle of the window it lies in, or 0. Cannot fail. */
#define ARENA_GPA_UNKNOWN UINT64_MAX
uint64_t arena_count_fault(struct arena *arena, uint64_t gpa);

/* What the guest may do with an address of the arena, by the table. Cannot fail. */
enum page_rights arena_page_rights(struct arena *arena, uint64_t gpa);

/* Counts a refusal of the host's kernel, for want of memory, to run a vCPU. */
void arena_count_refusal(struct arena *arena);

/* Counts a hypercall and how it was answered. */
void arena_count_call(struct arena *arena, enum hf_status status);

/* Releases every window. The vCPUs must be out of KVM_RUN, and no call under way. Waits where the
 * host is short of memory. false: that was given up. */
bool arena_reset(struct arena *arena, const struct arena_caller *caller);

/* ---- for operators ---- */

struct arena_counters {
    struct windows_totals totals;
    uint64_t base; /* guest-physical, bytes */
    uint64_t faults;
    uint64_t calls;         /* hypercalls of any kind */
    uint64_t refused;       /* hypercalls answered with anything but HF_OK */
    uint64_t host_failures; /* mappings that the host kernel refused for good */
    uint64_t flushes;       /* FLUSHes answered with HF_OK */
    uint64_t discards;      /* DISCARDs answered with HF_OK */
    uint64_t io_errors;     /* FLUSHes and DISCARDs that the host failed */
    uint64_t refusals;      /* primitives that it refused for want of memory */
    uint64_t rescued;       /* calls that went through only after such a refusal */
    bool prefault;          /* second-level tables are made at RESERVE */
};
void arena_counters(struct arena *arena, struct arena_counters *counters);

/* Copies the state of up to room windows whose base is at or behind the guest-physical page
 * from, in order of address. Returns how many. */
uint32_t arena_windows(struct arena *arena, uint64_t from, struct window_state *states,
                       uint32_t room);

/* Paints the arena: cell i of cells stands for an equal part of it and becomes the number of
 * its pages that are reserved, and of those that are mapped.
 *
 * Works in steps: looks at no more than 256 windows and runs of pages while it holds the lock, then
 * leaves it to other calls. The picture is not of one moment: what a call changes between two
 * steps is seen or not. No cell is ever told more than it has. */
struct arena_cell {
    uint64_t pages;
    uint64_t reserved;
    uint64_t mapped;
};
void arena_picture(struct arena *arena, struct arena_cell *cells, uint32_t count);

/* One budget: what the windows hold, what they use of that, and the most they can hold. */
struct arena_account {
    uint64_t held;
    uint64_t in_use;
    uint64_t limit;
};

#define ARENA_VMAS_A_EXTENT 2u /* an isolated extent splits the guard in two */

/* Of the VMAs that the kernel allows a process (vm.max_map_count), those not for extents; all as
 * it was at the start. */
struct arena_vmas {
    uint64_t most;
    uint64_t elsewhere; /* taken by the rest of the VMM, its vCPUs included */
    uint64_t margin;    /* left for objects and what the C library maps */
};

struct arena_accounts {
    enum guarantee mode;
    uint32_t met;                /* HF_GUARANTEE_...: what the guarantee rests on and is there */
    struct arena_account arena;  /* pages; in use: mapped */
    struct arena_account vmas;   /* in use: at most; extents that are neighbours share some */
    struct arena_account tables; /* of the last level of the second level, one for each piece of
                                    2 MiB; in use: made ahead */
    struct arena_account ram_tables;    /* of RAM, one for each 2 MiB; in use: made ahead */
    struct arena_account object_memory; /* bytes of objects that lie in memory; in use: made */
    struct arena_account ballast;       /* bytes; in use: lent to the kernel */
    struct arena_account windows;
    struct arena_account extents; /* in use: mapped */
    struct arena_vmas vmas_process;
    uint64_t ballast_taken; /* bytes that are in memory, or were before they were lent */
    uint64_t times_lent;
    uint32_t extent_cost;     /* bytes of ballast for each extent */
    uint32_t extent_measured; /* bytes that the kernel was seen to charge; 0: not measured */
};
void arena_accounts(struct arena *arena, struct arena_accounts *accounts);

/* windows_set_quota(). 0, or -1 with the error set: tag 0, or no room for one more tag. */
int arena_set_quota(struct arena *arena, uint32_t tag, const struct tag_amounts *quota,
                    struct error *error);

/* Copies the accounts of up to room tags from this one on, in order of their numbers. Returns how
 * many. */
uint32_t arena_tags(struct arena *arena, uint32_t from, struct tag_state *states, uint32_t room);

/* A drill: the next failures calls of each primitive named (bits 1 << PRIMITIVE_...) fail as if
 * the host had no memory. Only those of the map path: others are left out, and PREFAULT where the
 * host cannot do it. It ends when all have failed, by arena_drill_end(), or by a reset. Harmless:
 * what fails is tried again until it is through; the ballast stays, and no RESERVE is refused. */
#define ARENA_DRILL_MOST 100u
#define ARENA_DRILL_PRIMITIVES                                                                     \
    (1u << PRIMITIVE_MAP | 1u << PRIMITIVE_GUARD | 1u << PRIMITIVE_PREFAULT |                      \
     1u << PRIMITIVE_RUN | 1u << PRIMITIVE_REACH)
enum arena_drill { ARENA_DRILL_BEGUN, ARENA_DRILL_BUSY, ARENA_DRILL_NOTHING };
enum arena_drill arena_drill_begin(struct arena *arena, uint32_t primitives, uint32_t failures);
void arena_drill_end(struct arena *arena);

struct arena_drill_report {
    bool running;
    uint32_t asked[PRIMITIVES]; /* to fail */
    uint32_t done[PRIMITIVES];  /* of these, have failed */
    uint64_t calls;             /* MAPs, UNMAPs and REMAPs that went through */
    uint64_t failed;            /* those that the host failed for good */
    uint64_t refusals;          /* failures of primitives, real ones included */
    uint64_t rescued;           /* calls that went through after such a failure */
    uint64_t longest_ns;        /* that a call took */
};

/* Of the drill that is on or was the last. */
void arena_drill_report(struct arena *arena, struct arena_drill_report *report);

struct object_state {
    uint32_t id;
    char name[HF_OBJECT_NAME_MAX];
    uint64_t bytes;
    bool writable;
    uint64_t extents; /* mapped now */
    char source[256]; /* path, cut if longer, or "memfd" */
    const char *kind; /* "file", "block device", "memfd" */
};
uint32_t arena_objects(struct arena *arena, struct object_state *states, uint32_t room);

/* Opens and attaches an object. created, if not NULL, tells whether that made a file. */
int arena_attach(struct arena *arena, const struct object_spec *spec, bool *created,
                 struct error *error);

/* Detaches an object. In use: refused unless force, which takes its pages out of every window
 * before it returns. Does not wait for a FLUSH or DISCARD of it.
 *
 * Force works in steps: it takes no more than 32 extents out while it holds the lock, fewer once
 * they have 64 MiB, then leaves it to other calls. No call finds the object from the first step on:
 * MAP answers HF_BAD_PAGE, and OBJECT_OPEN, FLUSH, DISCARD and a second detach that there is no
 * such object. Another one may be attached under its name at once: it gets another slot. */
enum arena_detach {
    ARENA_DETACHED,
    ARENA_NO_OBJECT,
    ARENA_IN_USE,
    ARENA_BUSY, /* a call that maps it, or others in its place, waits for the host's memory */
};
enum arena_detach arena_detach(struct arena *arena, const char *name, bool force);

#endif
