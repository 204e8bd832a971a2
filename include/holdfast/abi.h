/* SPDX-License-Identifier: MIT
 *
 * The Holdfast hypercall ABI: what a guest kernel and the VMM say to each other.
 * Serves both sides, compiles alone as C11 and C++11, needs no other header of the project.
 * The manual is holdfast(7).
 *
 * A call is a number and the guest-physical address of one page-aligned page of ordinary RAM that
 * starts with the call's structure. The VMM copies the structure in once, checks it, acts, writes
 * the members marked "out" and answers one status. Every member marked "zero" must be 0.
 * The "out" members of a call that fails are undefined; what else it has changed stands at
 * enum hf_status.
 */
#ifndef HOLDFAST_ABI_H
#define HOLDFAST_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define HF_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define HF_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#define HF_ABI_VERSION 1u

#define HF_PAGE_SHIFT 12
#define HF_PAGE_SIZE  ((uint64_t)1 << HF_PAGE_SHIFT)

/* Discovery: CPUID. The signature stands in EBX, ECX, EDX of one of the leaves
 * 0x40000000, 0x40000100, ... 0x4000ff00; EAX of that leaf is the last leaf of the block.
 *   base + 1: EAX ABI version, EBX features, ECX port of the calls, EDX port of HF_PORT_EXIT
 *   base + 2: EBX:EAX guest-physical base of the arena in bytes, EDX:ECX its length in pages
 *   base + 3: EAX GSI of the interrupt that tells of changes, 0 if there is none; the rest 0
 *   base + 4: EBX:EAX instance number, not 0; the rest 0 */
#define HF_CPUID_FIRST         0x40000000u
#define HF_CPUID_LAST          0x4000ff00u
#define HF_CPUID_STEP          0x100u
#define HF_CPUID_SIGNATURE     "Holdfast VMM"
#define HF_CPUID_LEAF_CALLS    1u
#define HF_CPUID_LEAF_ARENA    2u
#define HF_CPUID_LEAF_EVENTS   3u /* an older VMM ends its block before it */
#define HF_CPUID_LEAF_INSTANCE 4u /* the same */

/* The change interrupt: an edge whenever an object was attached or detached, or the host could not
 * give the page of an object that is mapped. It says neither which nor how many: a guest opens the
 * names it cares for anew, and takes no mapped page for present any more. It may be lost while it
 * is masked in the interrupt controller, so a guest opens the names once more after it has unmasked
 * it. */

/* The instance number: each start of a VMM has another one, at random. A reset keeps it, and so
 * does a VM that is restored from a file: its windows and objects are those that it had. A guest
 * that finds another number than it reserved its windows with, as after hibernation, has none of
 * them: its handles and object ids mean nothing, or something else. A window's handle is given out
 * once in an instance, so that STAT tells whether it has survived a reset. */

/* Features. A transport is announced only where it has been seen to work. */
#define HF_FEATURE_PIO      (1u << 0) /* OUT to HF_PORT_CALL */
#define HF_FEATURE_VMCALL   (1u << 1) /* the VMCALL instruction */
#define HF_FEATURE_VMMCALL  (1u << 2) /* the VMMCALL instruction */
#define HF_FEATURE_PREFAULT (1u << 3) /* second-level tables exist when RESERVE returns */

/* Transport PIO: OUT DX, EAX with DX = HF_PORT_CALL, EAX = call, RBX = GPA of the argument page.
 * The status replaces RAX.
 *
 * Transport VMCALL or VMMCALL, whichever is announced: RAX = HF_VMCALL_NUMBER, RBX = GPA of the
 * argument page, RCX = call, RDX = HF_VMCALL_MAGIC. The status replaces RAX. KVM itself answers
 * -1 below CPL 0, and a negative number where RBX is not page-aligned or RCX is 0. */
#define HF_PORT_CALL     0x4840u
#define HF_VMCALL_NUMBER 12u
#define HF_VMCALL_MAGIC  0x74736166646c6f48ull /* "Holdfast" */

/* OUT of a 32-bit status to this port ends the VM; its low 8 bits become the VMM's exit code. */
#define HF_PORT_EXIT 0x4844u

enum hf_call {
    HF_CALL_INFO = 1,
    HF_CALL_OBJECT_OPEN = 2,
    HF_CALL_RESERVE = 3,
    HF_CALL_MAP = 4,
    HF_CALL_UNMAP = 5,
    HF_CALL_REMAP = 6,
    HF_CALL_RELEASE = 7,
    HF_CALL_STAT = 8,
    HF_CALL_FLUSH = 9,
    HF_CALL_DISCARD = 10,
};

/* 0x100 to 0x10c carry the numbers of the Windows bug check 0xDA, one for each misuse.
 *
 * A call that fails has changed nothing, but for these:
 *   REMAP, HF_HOST_FAILURE: the old mapping is unmapped, as by UNMAP. Nothing of the list is
 *       mapped.
 *   FLUSH, HF_IO_ERROR: each write since the last FLUSH may be stable, or not yet, or be lost.
 *   DISCARD, HF_IO_ERROR: each of the pages may read as before or as zeros; on a block device also
 *       as it was when it was flushed last.
 *   DISCARD, HF_NOT_SUPPORTED, on a block device: each of the pages may read as it was when it was
 *       flushed last.
 * Where a MAP or REMAP ends in HF_HOST_FAILURE, other vCPUs may have reached pages of its list
 * until it returned. */
enum hf_status {
    HF_OK = 0,
    HF_RESERVE_NOTHING = 0x100,   /* RESERVE of zero bytes */
    HF_RELEASE_WRONG_TAG = 0x101, /* RELEASE with a tag that is not the owner's */
    HF_RELEASE_NO_WINDOW = 0x102, /* RELEASE of a window that does not exist */
    HF_RELEASE_MAPPED = 0x103,    /* RELEASE while something is still mapped */
    HF_MAP_WRONG_TAG = 0x104,     /* MAP or REMAP with a tag that is not the owner's */
    HF_MAP_NO_WINDOW = 0x105,     /* MAP or REMAP in a window that does not exist */
    HF_MAP_OVERLAP = 0x107,       /* MAP or REMAP over something that is still mapped */
    HF_UNMAP_WRONG_TAG = 0x108,   /* UNMAP with a tag that is not the owner's */
    HF_UNMAP_NO_WINDOW = 0x109,   /* UNMAP in a window that does not exist */
    HF_UNMAP_BEYOND = 0x10a,      /* UNMAP or REMAP of more pages than the window has */
    HF_UNMAP_NOT_MAPPED = 0x10b,  /* UNMAP or REMAP of pages, some of which are not mapped */
    HF_UNMAP_NOT_ONE_MAP = 0x10c, /* UNMAP or REMAP of mapped pages that are not just one MAP's */
    HF_BAD_TAG = 0x110,           /* RESERVE with tag 0 */
    HF_BAD_FLAGS = 0x111,         /* an undefined flag, or a "zero" member that is not 0 */
    HF_TOO_LARGE = 0x112,         /* 2^32 pages or more, or a list longer than the limit */
    HF_NO_RESOURCES = 0x113,      /* RESERVE only: a budget is short */
    HF_WINDOW_TOO_SMALL = 0x114,  /* the list reaches beyond the window's end */
    HF_TOO_MANY_EXTENTS = 0x115,  /* more extents at once than RESERVE asked for */
    HF_EMPTY_LIST = 0x116,        /* a list without extents, an extent or DISCARD without pages */
    HF_BAD_PAGE = 0x117,          /* a page that is neither RAM nor part of an attached object */
    HF_READ_ONLY = 0x118,         /* a writable mapping, or DISCARD, of a read-only object */
    HF_BAD_CACHE = 0x119,         /* an unknown cache type */
    HF_BAD_ADDRESS = 0x11a,       /* the argument page or the list is not aligned, or not RAM */
    HF_PRIVILEGE = 0x11b,         /* called below CPL 0 */
    HF_UNKNOWN_CALL = 0x11c,      /* no such call */
    HF_NO_OBJECT = 0x11d,         /* a name, or in FLUSH and DISCARD an id, that is not attached */
    HF_STAT_NO_WINDOW = 0x11e,    /* STAT of a window that does not exist */
    HF_HOST_FAILURE = 0x11f,      /* the host kernel refused a mapping; logged by the VMM */
    HF_IO_ERROR = 0x120,          /* the host could not FLUSH or DISCARD; logged by the VMM */
    HF_NOT_SUPPORTED = 0x121,     /* DISCARD: what stands behind the object cannot do it */
};

/* A guest-physical address in bytes: a type of its own, so that neither side takes it for a
 * pointer. */
typedef struct hf_gpa {
    uint64_t value;
} hf_gpa;

enum hf_cache {
    HF_CACHE_NONCACHED = 0,
    HF_CACHE_CACHED = 1,
    HF_CACHE_WRITE_COMBINED = 2,
};

#define HF_RAM 0u /* in hf_extent.object: pages of the guest's RAM */

/* A run of consecutive pages. Of RAM: first is a guest-physical page number (GPA >> 12). Of an
 * object: first is a page number inside the object. A page list is an array of these. */
struct hf_extent {
    uint64_t first;
    uint32_t pages;
    uint32_t object; /* HF_RAM or an id from OBJECT_OPEN */
};
HF_STATIC_ASSERT(sizeof(struct hf_extent) == 16, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_extent, object) == 12, "ABI");

#define HF_LIST_MAX 8192u /* extents in one page list */

/* What MAP, UNMAP, REMAP and RELEASE rest on when the host runs out of memory. */
#define HF_GUARANTEE_RAM_MADE      (1u << 0) /* every page of RAM was made at the start */
#define HF_GUARANTEE_RAM_LOCKED    (1u << 1) /* and is locked in the host's memory */
#define HF_GUARANTEE_VMM_LOCKED    (1u << 2) /* so is the VMM */
#define HF_GUARANTEE_OOM_PROTECTED (1u << 3) /* the host's OOM killer spares the VMM */
#define HF_GUARANTEE_BALLAST       (1u << 4) /* all ballast is there; not while it is lent */
#define HF_GUARANTEE_TABLES_AHEAD  (1u << 5) /* HF_FEATURE_PREFAULT */
#define HF_GUARANTEE_RAM_TABLES    (1u << 6) /* tables of RAM are made, or their size is set aside */
#define HF_GUARANTEE_OBJECTS_MADE  (1u << 7) /* so is every page of objects that lie in memory */

struct hf_info {
    uint32_t abi_version;    /* out: HF_ABI_VERSION */
    uint32_t features;       /* out: HF_FEATURE_... */
    hf_gpa arena_base;       /* out: bytes */
    uint64_t arena_pages;    /* out */
    uint64_t arena_free;     /* out: pages in no window */
    uint64_t arena_largest;  /* out: pages of the longest free range */
    uint32_t windows_max;    /* out: windows at once */
    uint32_t windows_free;   /* out */
    uint32_t extents_max;    /* out: extents over all windows at once */
    uint32_t extents_free;   /* out: extents that RESERVE can still set aside */
    uint32_t list_max;       /* out: extents in one page list */
    uint32_t objects;        /* out: objects attached */
    uint32_t guarantee_mode; /* out: what the operator asked for; 0 off, 1 best effort, 2 strict */
    uint32_t guarantee;      /* out: HF_GUARANTEE_...: what is there */
    uint32_t vmas_max;       /* out: mappings in the host that all windows together may need */
    uint32_t vmas_held;      /* out: set aside by the windows */
    uint64_t tables_max;     /* out: second-level page tables, one for each 2 MiB of the arena */
    uint64_t tables_held;    /* out: for the windows */
    uint64_t ballast_max;    /* out: bytes of host memory that can be set aside */
    uint64_t ballast_held;   /* out: for the windows */
};
HF_STATIC_ASSERT(sizeof(struct hf_info) == 112, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_info, windows_max) == 40, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_info, tables_max) == 80, "ABI");

#define HF_OBJECT_NAME_MAX 64u /* bytes with the closing NUL */
#define HF_OBJECT_WRITABLE (1u << 0)

struct hf_object_open {
    char name[HF_OBJECT_NAME_MAX]; /* in: NUL-terminated */
    uint64_t bytes;                /* out: size; the last page may be filled up with zeros */
    uint32_t id;                   /* out: for hf_extent.object; ids are not used twice */
    uint32_t rights;               /* out: HF_OBJECT_WRITABLE or 0 */
};
HF_STATIC_ASSERT(sizeof(struct hf_object_open) == 80, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_object_open, id) == 72, "ABI");

#define HF_RESERVE_DIVISIBLE (1u << 0) /* the base is divisible by the window's length */

struct hf_reserve {
    uint64_t bytes;       /* in: rounded up to whole pages */
    uint32_t tag;         /* in: the owner's mark, not 0 */
    uint32_t flags;       /* in: HF_RESERVE_... */
    uint32_t max_extents; /* in: the most extents mapped at once; 0: one a page. out: in force */
    uint32_t zero;
    uint64_t window; /* out: handle for the other calls; never given out twice */
    hf_gpa base;     /* out: where the window lies */
    uint64_t pages;  /* out */
};
HF_STATIC_ASSERT(sizeof(struct hf_reserve) == 48, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_reserve, window) == 24, "ABI");

#define HF_MAP_READ_ONLY (1u << 0) /* the guest may only read through this mapping */

struct hf_map {
    uint64_t window;      /* in */
    uint64_t page_offset; /* in: where in the window the list's first page goes */
    hf_gpa list;          /* in: struct hf_extent[extents], 8-byte aligned, contiguous in RAM */
    uint32_t extents;     /* in: 1 to list_max */
    uint32_t tag;         /* in */
    uint32_t flags;       /* in: HF_MAP_... */
    uint32_t cache;       /* in: enum hf_cache asked for. out: in force */
    hf_gpa address;       /* out: of the first page mapped */
    uint64_t pages;       /* out: how many are mapped */
};
HF_STATIC_ASSERT(sizeof(struct hf_map) == 56, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_map, address) == 40, "ABI");

struct hf_unmap {
    uint64_t window;      /* in */
    uint64_t page_offset; /* in: with pages: exactly one earlier MAP */
    uint64_t pages;       /* in */
    uint32_t tag;         /* in */
    uint32_t zero;
};
HF_STATIC_ASSERT(sizeof(struct hf_unmap) == 32, "ABI");

struct hf_remap {
    struct hf_map map;   /* as for MAP; may lie where the old mapping lay */
    uint64_t old_offset; /* in: with old_pages: exactly one earlier MAP of the same window */
    uint64_t old_pages;  /* in */
};
HF_STATIC_ASSERT(sizeof(struct hf_remap) == 72, "ABI");

struct hf_release {
    uint64_t window; /* in */
    uint32_t tag;    /* in */
    uint32_t zero;
};
HF_STATIC_ASSERT(sizeof(struct hf_release) == 16, "ABI");

struct hf_stat {
    uint64_t window;       /* in */
    hf_gpa base;           /* out: bytes */
    uint64_t pages;        /* out */
    uint64_t mapped_pages; /* out */
    uint32_t tag;          /* out */
    uint32_t flags;        /* out: as given to RESERVE */
    uint32_t max_extents;  /* out */
    uint32_t extents;      /* out: mapped now */
    uint32_t mappings;     /* out: MAPs that are not unmapped yet */
    uint32_t zero;         /* out: 0 */
    uint64_t maps;         /* out: since RESERVE, a REMAP counts as one MAP and one UNMAP */
    uint64_t unmaps;       /* out */
    uint64_t faults;       /* out: accesses that were answered with #GP */
};
HF_STATIC_ASSERT(sizeof(struct hf_stat) == 80, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_stat, maps) == 56, "ABI");

/* What the guest has written to the object's pages before the call, through any window and on any
 * vCPU, is on stable storage when the call returns HF_OK. Blocks the calling vCPU only. */
struct hf_flush {
    uint32_t object; /* in: an id from OBJECT_OPEN */
    uint32_t zero;
};
HF_STATIC_ASSERT(sizeof(struct hf_flush) == 8, "ABI");

/* Gives the pages' content back to the host; they read as zeros afterwards, also where they are
 * mapped. Blocks the calling vCPU only. */
struct hf_discard {
    uint64_t first;  /* in: page number inside the object */
    uint64_t pages;  /* in */
    uint32_t object; /* in: an id from OBJECT_OPEN */
    uint32_t zero;
};
HF_STATIC_ASSERT(sizeof(struct hf_discard) == 24, "ABI");
HF_STATIC_ASSERT(offsetof(struct hf_discard, object) == 16, "ABI");

#endif
