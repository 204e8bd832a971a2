/* SPDX-License-Identifier: MIT
 *
 * Holdfast for guest kernels: reserve, map and unmap windows by hypercall. Compiles alone as C11
 * and C++11. The kernel supplies the functions of guest/lib/platform.h; the library needs no
 * other, except memcpy and memset.
 *
 * Every function answers HF_OK, a status of the VMM (enum hf_status) or one of the library's own
 * (enum hf_guest_status). A function that fails has changed nothing but what it would have filled
 * in, and what abi.h says at enum hf_status: hf_remap() after HF_HOST_FAILURE, hf_flush() and
 * hf_discard() after HF_IO_ERROR and HF_NOT_SUPPORTED.
 *
 * hf_init(), hf_reserve() and hf_release() are for the times when a kernel may block, hf_flush()
 * and hf_discard() wait for the host's storage. All others
 * allocate nothing, block on nothing and may be called with interrupts off; where a map changes
 * what the page tables say, the other CPUs have to take part, as far as the kernel's
 * hf_platform_window_protect() needs them. Calls for different
 * windows may run on different CPUs at once, and so may calls for different parts of one window. */
#ifndef HOLDFAST_GUEST_H
#define HOLDFAST_GUEST_H

#include "holdfast/abi.h"

#ifdef __cplusplus
extern "C" {
/* A call and its structure have one name, as stat(2) has; C++ compilers remark on it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

/* What the library itself may answer, beside enum hf_status. */
enum hf_guest_status {
    HF_GUEST_NOT_READY = 0x200,    /* hf_init() has not succeeded yet */
    HF_GUEST_NO_HOLDFAST = 0x201,  /* this machine does not run on Holdfast */
    HF_GUEST_BAD_VERSION = 0x202,  /* the VMM speaks another version of the ABI */
    HF_GUEST_NO_TRANSPORT = 0x203, /* no transport, or not the one asked for, is announced */
    HF_GUEST_NO_MEMORY = 0x204,    /* the guest kernel has no memory or no addresses left */
    HF_GUEST_NO_ADDRESS = 0x205,   /* the kernel's layout has no address divisible as asked */
    HF_GUEST_LIST_APART = 0x206,   /* a long page list is not contiguous in RAM */
    HF_GUEST_REFUSED = 0x207,      /* something below Holdfast answered the call */
};

/* "MAP_OVERLAP" and so on, of either enumeration; "?" for a number that is no status. */
const char *hf_status_name(int status);

/* Finds Holdfast and sets aside the argument pages. To be called before all else; again, it
 * answers HF_OK at once. HF_GUEST_NO_HOLDFAST, _BAD_VERSION, _NO_TRANSPORT or _NO_MEMORY. */
int hf_init(void);

/* Makes all later calls use this transport (one of HF_FEATURE_PIO, _VMCALL, _VMMCALL). hf_init()
 * prefers VMCALL and VMMCALL to PIO. HF_GUEST_NO_TRANSPORT if the VMM does not announce it. */
int hf_use_transport(uint32_t feature);

/* One call, with arguments that the caller laid out; for tests and special users. Answers what
 * the VMM answered, unexamined, or HF_GUEST_NOT_READY. hf_call() answers HF_BAD_ADDRESS itself
 * if nothing is mapped at the argument page's address. */
uint64_t hf_call(uint32_t call, const void *argument_page);
uint64_t hf_call_at(uint32_t call, hf_gpa argument_page);

int hf_info(struct hf_info *info);

/* Fills in the object's size, id and rights. HF_NO_OBJECT if none has this name. */
int hf_object_open(const char *name, struct hf_object_open *object);

/* A window as its owner holds it. The caller owns the structure and only reads it; it may not
 * move while the window exists. */
struct hf_window {
    uint64_t handle;
    void *address; /* kernel address of its first page */
    hf_gpa base;
    uint64_t pages;
    uint32_t tag;
    uint32_t flags;
    uint32_t max_extents; /* in force */
    uint32_t page_state;  /* the library's: what the page tables say of the window's pages */
};

/* Reserves a window of so many bytes, rounded up to pages. flags: HF_RESERVE_...; with
 * HF_RESERVE_DIVISIBLE the kernel address is divisible by the window's length, too. max_extents:
 * the most extents mapped at once, 0: one a page. A RESERVE status, HF_GUEST_NO_MEMORY or
 * HF_GUEST_NO_ADDRESS. */
int hf_reserve(uint64_t bytes, uint32_t tag, uint32_t flags, uint32_t max_extents,
               struct hf_window *window);

/* Maps a page list at page_offset of the window and writes the kernel address of its first page
 * to *address (unless NULL). flags: HF_MAP_... *cache: the type asked for, becomes the type in
 * force; NULL: cached, and the caller does not care.
 *
 * A list of up to HF_LIST_COPIED extents may lie anywhere, on the stack for example. A longer one
 * must be contiguous in guest-physical RAM and aligned to 8: memory from hf_platform_alloc() is.
 *
 * With a list that obeys this and valid arguments, cannot fail: everything needed was set aside
 * by hf_reserve(). Otherwise a MAP status or HF_GUEST_LIST_APART. */
#define HF_LIST_COPIED                                                                             \
    ((uint32_t)((HF_PAGE_SIZE - sizeof(struct hf_remap)) / sizeof(struct hf_extent)))
int hf_map(struct hf_window *window, uint64_t page_offset, const struct hf_extent *list,
           uint32_t count, uint32_t flags, enum hf_cache *cache, void **address);

/* Unmaps exactly what one hf_map() or hf_remap() mapped. With valid arguments, cannot fail. */
int hf_unmap(struct hf_window *window, uint64_t page_offset, uint64_t pages);

/* Unmaps old_pages at old_offset and maps the list as hf_map() does, in one call; the new mapping
 * may lie where the old one lay. With valid arguments, cannot fail. After HF_HOST_FAILURE the old
 * mapping is unmapped and nothing of the list is mapped; after any other status the old mapping is
 * as it was. */
int hf_remap(struct hf_window *window, uint64_t old_offset, uint64_t old_pages,
             uint64_t page_offset, const struct hf_extent *list, uint32_t count, uint32_t flags,
             enum hf_cache *cache, void **address);

/* Gives the window back; nothing may be mapped in it. With valid arguments, cannot fail. */
int hf_release(struct hf_window *window);

int hf_stat(const struct hf_window *window, struct hf_stat *stat);

/* What was written to the object's pages before the call is on stable storage when this answers
 * HF_OK. Keeps this CPU for as long as the host's storage needs; not for a place that must not
 * wait. HF_NO_OBJECT, or HF_IO_ERROR: nobody knows then which of the writes are stable. */
int hf_flush(uint32_t object);

/* Gives the content of pages of an object back to the host: they read as zeros afterwards, in
 * windows, too. Keeps this CPU while the host does it. A DISCARD status; HF_NOT_SUPPORTED where the
 * host cannot. After HF_IO_ERROR each of the pages may be as before or zeros; on a block device
 * writes to them that were not flushed may be lost, then and after HF_NOT_SUPPORTED. */
int hf_discard(uint32_t object, uint64_t first, uint64_t pages);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif

#endif
