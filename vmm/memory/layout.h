/* SPDX-License-Identifier: MIT
 * What the files of this room share. */
#ifndef HOLDFAST_MEMORY_LAYOUT_H
#define HOLDFAST_MEMORY_LAYOUT_H

#include "vmm/memory/ballast.h"
#include "vmm/memory/ballast_thread.h"
#include "vmm/memory/memory.h"
#include "vmm/memory/primitive.h"
#include "vmm/windows/windows.h"

#include <stddef.h>

/* A longer MAP is filled where it is touched: filling takes time for each page, and all the while
 * nobody else can map. */
#define MEMORY_FILL_MOST 16384u /* pages */

/* Second-level tables of RAM, one for each piece of 2 MiB. */
struct ram_tables {
    uint64_t pieces;
    uint64_t ahead;         /* of these, have a table that was made before the guest ran */
    uint64_t room;          /* bytes that all may cost */
    struct ballast ballast; /* for those that were not; memory is NULL where none is needed */
    bool covered;           /* all are made, or there is ballast for them */
};

struct memory {
    int ram_fd;
    uint64_t ram_bytes;
    uint8_t *ram; /* all of RAM, without the hole */
    bool ram_made;
    bool ram_locked;
    enum guarantee guarantee;

    uint64_t arena_base; /* guest-physical */
    uint64_t arena_bytes;
    uint8_t *arena; /* host */

    bool can_prefault;
    int scratch_fd; /* one page that stands in while tables are made ahead */

    struct ram_tables ram_tables;

    uint32_t extent_cost; /* bytes of ballast for each extent */
    uint32_t extent_measured;
    struct ballast ballast;
    struct ballast_thread ballast_thread;
    struct injection injection;

    struct object object[BACKINGS_OBJECTS + 1];

    uint8_t resident[MEMORY_FILL_MOST]; /* of the MAP that is being made: mincore(2) */
};

/* Host address of a page of the arena. */
static inline uint8_t *arena_hva(const struct memory *memory, uint64_t arena_page)
{
    return memory->arena + (arena_page * HF_PAGE_SIZE - memory->arena_base);
}

#define PREFAULT_TRIES 64u

/* Whether a primitive is to fail now, and whether only for a drill. */
static inline bool should_fail(struct memory *memory, enum primitive primitive,
                               struct map_call *call)
{
    call->injected = injection_should_fail(&memory->injection, primitive);
    call->by_drill = call->injected && injection_is_drill(&memory->injection);
    return call->injected;
}

/* What there is to lend after a failure. */
static inline struct ballast *ballast_for(struct memory *memory, bool by_drill)
{
    return by_drill ? NULL : &memory->ballast;
}

/* Whose want of memory a call on the map path gets over. */
enum patience {
    UNTIL_DONE, /* the pages are there: only tables can be wanting, for which there is ballast */
    ONCE,       /* a page may not be there yet: the first access waits for it, and MAP does not */
};

/* Makes the second-level entries of pages that are mapped, as far as the host can: what is left
 * is made at the first touch. */
void memory_prefault_present(struct memory *memory, uint64_t arena_page, uint64_t pages,
                             enum patience patience, struct map_call *call);

/* Whether KVM makes second-level tables ahead that stay. */
bool prefault_is_possible(int vm_fd);

/* Has KVM map one page for a vCPU, with the tables that this needs. 0, or -1 with errno. */
int memory_prefault_page(struct memory *memory, uint64_t gpa, struct map_call *call);

/* Makes the entries of runs that memory_map() has just mapped, the host's and where possible the
 * second level's, for pages that are in the host's memory. Cannot fail: what is left is made at the
 * first touch. */
void memory_fill(struct memory *memory, uint64_t arena_page, const struct run *runs, uint32_t count,
                 struct map_call *call);

/* Whether all pages of a backing, RAM or an object, are in the host's memory to stay. */
bool memory_is_made(const struct memory *memory, uint32_t slot);

/* A sealed memory object. The descriptor, or -1 with the error set. */
int memory_memfd(const char *name, uint64_t bytes, struct error *error);

/* Makes RAM, and all its pages as far as the guarantee asks for that. 0, or -1 with the error set.
 */
int ram_make(struct memory *memory, struct error *error);

static inline uint64_t ram_below_hole(const struct memory *memory)
{
    return memory->ram_bytes < MEMORY_HOLE ? memory->ram_bytes : MEMORY_HOLE;
}

/* Decides what an extent costs and takes the first ballast. 0, or -1 with the error set. */
int account_open(struct memory *memory, const struct memory_config *config, struct error *error);

/* A large entry, of KVM's tables or of the host's, takes the place of a table that was made ahead.
 * When the host splits the huge page, or a single page is mapped there, a table is wanted anew, and
 * no memory is set aside for it. So the arena, and RAM that is made ahead, lie where neither uses
 * any: the host address is not congruent to the guest-physical one modulo 2 MiB. Then KVM maps the
 * whole memory slot page by page (kvm_alloc_memslot_metadata()), whatever lies in huge pages; so
 * does the host with RAM, whose offset in its memfd is its guest-physical address modulo 2 MiB. The
 * distance is a half, so that pages of all smaller sizes still lie alike for both. */
#define LARGE_ENTRY (2ull << 20)
#define LARGE_APART (LARGE_ENTRY / 2)

/* Finds a place for the arena where no mapping that lets the kernel choose its address can ever
 * lie, and where KVM uses no large entries, and puts the guard over it. NULL with the error set. */
uint8_t *arena_place(uint64_t bytes, struct error *error);
void arena_unplace(uint8_t *arena, uint64_t bytes);

/* Maps RAM where KVM and the host use no large entries. NULL with errno. */
uint8_t *ram_place(int fd, uint64_t bytes);

#endif
