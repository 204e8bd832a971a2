/* SPDX-License-Identifier: MIT
 * The one room that touches memory slots and host mappings: RAM, the arena's address range, the
 * memory behind objects. It does what it is told; who may map what is decided in vmm/windows.
 *
 * The arena is one range of the process's address space and one memory slot for the life of the
 * VM. Where nothing is mapped stands the guard: inaccessible anonymous pages.
 *
 * What takes tables back while a VM runs: TABLES.md. Words: vmm/WORDS.md. */
#ifndef HOLDFAST_MEMORY_MEMORY_H
#define HOLDFAST_MEMORY_MEMORY_H

#include "vmm/error.h"
#include "vmm/memory/guarantee.h"
#include "vmm/memory/map_call.h"
#include "vmm/memory/object.h"
#include "vmm/memory/primitive.h"
#include "vmm/windows/backings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory;

struct memory_config {
    uint64_t ram_bytes;
    uint64_t arena_bytes;
    uint64_t gpa_limit; /* the guest's physical addresses end here */
    enum guarantee guarantee;
    uint32_t extents; /* the most that are mapped at once */
    uint64_t tables;  /* the most pieces that windows touch; 0: all of the arena's */
    bool calibrate;   /* measure what an extent costs the kernel; takes some 100 ms */
};

/* Makes RAM and arena and gives them to the VM. NULL with the error set on failure. */
struct memory *memory_create(int vm_fd, const struct memory_config *config, struct error *error);

/* The vCPUs must be gone. */
void memory_destroy(struct memory *memory);

/* RAM ends at guest-physical MEMORY_HOLE or goes on at MEMORY_ABOVE: the PCI hole between. */
#define MEMORY_HOLE  (3ull << 30)
#define MEMORY_ABOVE (4ull << 30)

uint64_t memory_ram_bytes(const struct memory *memory);
uint64_t memory_arena_base(const struct memory *memory); /* guest-physical, bytes */
uint64_t memory_arena_bytes(const struct memory *memory);

/* Whether all of RAM has been made, and locked in memory. */
bool memory_ram_is_made(const struct memory *memory);
bool memory_ram_is_locked(const struct memory *memory);

/* Whether second-level tables can be made ahead on this host. */
bool memory_can_prefault(const struct memory *memory);

/* The host address of a range of guest RAM; NULL if any byte of it is not RAM. Valid for the life
 * of the VM; the guest may change what it holds at any time. Cannot fail for RAM. */
void *memory_ram_at(const struct memory *memory, uint64_t gpa, uint64_t bytes);

/* Copies from RAM by offset, without the hole, for a core file. Pages that were never touched stay
 * unmade. false with errno: the host could not. */
bool memory_ram_copy(const struct memory *memory, uint64_t offset, void *to, size_t bytes);

/* Copies from RAM or from what is mapped in the arena. false if not all of it could be had: nothing
 * is mapped there, or a file has become shorter. */
bool memory_read(const struct memory *memory, uint64_t gpa, void *to, size_t bytes);

/* Makes all pages of an object that lies in memory, as far as the guarantee asks for that, and
 * notes in it whether they are there. 0, or -1 with the error set where it is strict and they do
 * not fit. Takes time and memory; not under a lock. */
int memory_make_object(const struct memory *memory, const char *name, struct object *object,
                       struct error *error);

/* Puts an object behind a slot and takes over its descriptor. The slot must be free. */
void memory_attach(struct memory *memory, uint32_t slot, const struct object *object);
/* Frees a slot; its object is the caller's to close, outside any lock. */
struct object memory_detach(struct memory *memory, uint32_t slot);
const struct object *memory_object(const struct memory *memory, uint32_t slot);

/* Maps runs one after another from a guest-physical page of the arena on: one mmap a run. Where
 * second-level tables can be made ahead, also the entries for pages that the host has in memory;
 * more than 64 MiB are left to be filled where they are touched. A host without memory is given the
 * ballast and asked again until it gives in: call->wait() is where that may take long. MAP_REFUSED
 * if the host refused for another reason, such as a file that may no longer be mapped: then the
 * whole range is back under the guard. MAP_GIVEN_UP leaves the range in any state. */
enum map_result memory_map(struct memory *memory, uint64_t arena_page, const struct run *runs,
                           uint32_t count, bool writable, struct map_call *call);

/* Puts the guard over a range of the arena; on return no vCPU reaches what was there. Does not
 * fail: where the host refuses, it is given the ballast and asked again. false: the call was given
 * up, and the range is in any state. */
bool memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                  struct map_call *call);

/* Whether the host has a page behind a guest-physical address of the arena, after making it
 * present: what a vCPU that has just failed to reach the address may try again. */
enum memory_presence {
    MEMORY_PRESENT,
    MEMORY_SHORT,           /* the host has no memory for the page */
    MEMORY_SHORT_OF_TABLES, /* the page is in memory, but the host has none for its page tables */
    MEMORY_ABSENT,
};
enum memory_presence memory_fetch(struct memory *memory, uint64_t gpa, bool write);

/* Makes KVM's second-level tables for RAM, or sets memory aside for them, before any vCPU runs.
 * vcpu_fds: all of them, one at least. 0, or -1 with the error set where it is strict and they
 * cannot be made. */
int memory_make_ram_tables(struct memory *memory, const int *vcpu_fds, uint32_t vcpus,
                           struct error *error);

/* What a vCPU lacked at an access, outside any call. */
enum memory_shortage {
    SHORT_OF_HOST_TABLES,  /* for pages of the arena that are in memory to stay */
    SHORT_OF_GUEST_TABLES, /* KVM's own: those that could not be made ahead */
    SHORT_OF_PAGES,        /* pages of objects, and whatever else no window has set aside */
};

/* Gives the kernel what was set aside for a shortage, if anything was: then the access can be tried
 * again at once. false: there is nothing to give, the vCPU has to wait for the host. */
bool memory_lend(struct memory *memory, enum memory_shortage shortage);

/* How long to wait before the next try, in nanoseconds; attempt counts from 0. */
uint64_t memory_pause(uint32_t attempt);

/* Makes primitives of this VM fail, for drills and tests. */
struct injection *memory_injection(struct memory *memory);

struct memory_account {
    uint64_t wanted;     /* bytes, for all windows */
    uint64_t held;       /* bytes */
    uint64_t room;       /* bytes, the most there can be */
    uint64_t times_lent; /* since the start */
    bool lent;
    uint64_t ram_tables;        /* second-level tables of RAM, one for each 2 MiB */
    uint64_t ram_tables_ahead;  /* of these, made before the guest ran */
    uint64_t ram_tables_bytes;  /* set aside for the others; given away once */
    bool ram_tables_covered;    /* all are made, or set aside */
    uint64_t objects_in_memory; /* bytes of objects that lie in memory */
    uint64_t objects_made;      /* of these, of objects whose pages were made */
    uint32_t extent_cost;       /* bytes for each extent */
    uint32_t extent_measured;   /* bytes that the kernel was seen to charge; 0: not measured */
};
void memory_accounts(const struct memory *memory, struct memory_account *account);

/* How much of what the guarantee rests on was asked for. */
enum guarantee memory_guarantee(const struct memory *memory);

/* What the windows account for: what a MAP of so many extents in windows that touch so many
 * pieces of 2 MiB may cost the kernel. By how much it changes; allocates nothing, cannot fail. */
void memory_account(struct memory *memory, int64_t extents, int64_t pieces);

/* Takes the ballast that is accounted for. 0, or -1 with errno. Allocates. */
int memory_resize_ballast(struct memory *memory);

/* Makes the second-level tables of a range that is under the guard. 0, or -1 with errno. Only where
 * memory_can_prefault(). */
int memory_prefault(struct memory *memory, uint64_t arena_page, uint64_t pages,
                    struct map_call *call);

#endif
