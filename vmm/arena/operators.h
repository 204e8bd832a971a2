/* SPDX-License-Identifier: MIT
 * The arena for operators: its windows, quotas and objects. Functions return 0 or -1 with a message
 * for a person in the error, if they say nothing else. */
#ifndef HOLDFAST_ARENA_OPERATORS_H
#define HOLDFAST_ARENA_OPERATORS_H

#include "holdfast/abi.h"
#include "vmm/error.h"
#include "vmm/memory/object.h"
#include "vmm/windows/windows.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

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

#define ARENA_TAGS 1024u /* with an account of their own */

/* windows_set_quota(). 0, or -1 with the error set: tag 0, or no room for one more tag. */
int arena_set_quota(struct arena *arena, uint32_t tag, const struct tag_amounts *quota,
                    struct error *error);

/* Copies the accounts of up to room tags from this one on, in order of their numbers. Returns how
 * many. */
uint32_t arena_tags(struct arena *arena, uint32_t from, struct tag_state *states, uint32_t room);

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

/* Opens and attaches an object. new_file, if not NULL, tells which file that made. */
int arena_attach(struct arena *arena, const struct object_spec *spec, struct made_file *new_file,
                 struct error *error);

/* The same for a file that is open: takes over the descriptor, also where it fails. */
int arena_attach_file(struct arena *arena, const struct object_spec *spec, int fd,
                      struct error *error);

/* How many windows are reserved, and objects attached, now. Takes no lock: neither can wait. */
void arena_count(struct arena *arena, uint32_t *windows, uint32_t *objects);

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
