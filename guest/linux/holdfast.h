/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Holdfast for other drivers of a Linux guest: windows in which host objects
 * and the guest's own RAM are mapped by hypercall. Exported by holdfast.ko to
 * GPL-compatible modules. The words are those of holdfast(7).
 *
 * A driver reserves its windows when it is probed and may sleep. From then on
 * holdfast_map_...(), holdfast_unmap() and holdfast_remap_...() allocate
 * nothing, sleep for nothing, and with valid arguments cannot fail, however
 * short of memory guest and host are.
 *
 * Contexts
 *   "Process context": may sleep and allocates with GFP_KERNEL. To be called
 *   when a driver is probed or removed, never on a path that writes pages out.
 *   "Any context": process, softirq and hard interrupt context, with spinlocks
 *   held and with interrupts off; not from an NMI. Calls for different windows,
 *   and for different parts of one window, may run on several CPUs at once. The
 *   host may let the calling CPU wait while it is itself short of memory.
 *
 * Locks: a call in any context holds at most one raw spinlock, of the window,
 * with interrupts off, and calls nothing of the caller's under it; only a list
 * that does not fit in one page takes it. So every lock of a driver may be held
 * around such a call. A call in process context takes a mutex of this module,
 * and calls nothing of the caller's under it, except that the notifier chain's
 * rwsem is held around a notifier.
 *
 * Errors: a failing call has changed nothing, but for holdfast_remap_...(),
 * holdfast_flush() and holdfast_discard() as it stands there, and answers
 *   -EINVAL      a tag of 0, an unknown flag, nothing to map or reserve, a
 *                buffer that is not whole pages; an unmap of pages which are
 *                mapped but not exactly those of one map
 *   -E2BIG       2^32 pages or more, or more than HF_LIST_MAX extents in a list
 *   -ENOMEM      reserve only: the host's budgets, the guest's memory or the
 *                arena are exhausted
 *   -EADDRNOTAVAIL  reserve only: HF_RESERVE_DIVISIBLE of a window so large
 *                that the kernel's address is not divisible by its length
 *   -ENOSPC      more extents at once than were reserved
 *   -ERANGE      beyond the end of the window
 *   -EEXIST      something is mapped there already
 *   -ENOENT      no object of this name; pages to unmap which are not mapped
 *   -ENXIO       a page that is neither RAM nor part of an attached object
 *   -EROFS       a writable mapping of a read-only object
 *   -EBUSY       a page is mapped with another cache type than cached
 *   -ENODEV      no Holdfast, or one of another version; or one that does not
 *                know this kernel's windows, which are lost
 *   -EOPNOTSUPP  the VMM is too old for this call
 *   -EIO         the host refused; its log says why
 */
#ifndef HOLDFAST_LINUX_HOLDFAST_H
#define HOLDFAST_LINUX_HOLDFAST_H

#include <linux/bvec.h>
#include <linux/notifier.h>
#include <linux/types.h>
#include <linux/version.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#include <asm/cpuid/api.h>
#else
#define cpuid_base_hypervisor hypervisor_cpuid_base
#endif

#include "holdfast/abi.h"

struct holdfast_window; /* opaque; belongs to who reserved it */

struct holdfast_object {
	u32 id;
	bool writable;
	u64 bytes; /* the last page may be filled up with zeros */
};

/**
 * holdfast_present() - whether this machine runs on Holdfast
 *
 * Asks CPUID; needs no symbol of holdfast.ko, so that a driver which can do
 * without may ask first and take the others with symbol_request(). Any context.
 */
static inline bool holdfast_present(void)
{
	return boot_cpu_has(X86_FEATURE_HYPERVISOR) &&
	       cpuid_base_hypervisor(HF_CPUID_SIGNATURE, HF_CPUID_LEAF_ARENA) !=
		       0;
}

/**
 * holdfast_reserve() - set a window aside
 * @bytes: its size, rounded up to whole pages
 * @tag: the owner's mark, not 0; four characters by custom
 * @flags: HF_RESERVE_...
 * @max_extents: the most extents that will be mapped at once; 0: one a page
 *
 * Process context. All that mapping needs is set aside here: in the host, and
 * in the guest a list of @max_extents where that is more than one page holds.
 * The window is mapped in the kernel already, cached; until something is mapped
 * in it, an access faults (#GP).
 *
 * The module cannot be removed while the window exists.
 *
 * Return: the window or an ERR_PTR.
 */
struct holdfast_window *holdfast_reserve(u64 bytes, u32 tag, unsigned int flags,
					 u32 max_extents);

/**
 * holdfast_release() - give a window back
 * @w: the window; NULL and error pointers are ignored
 *
 * Process context. Everything must have been unmapped. A window in which
 * something is still mapped is a bug of its owner: it is told in the log and
 * stays reserved until the VM is reset, and so does the module.
 */
void holdfast_release(struct holdfast_window *w);

/* Of its first page, for all of its life. Any context; cannot fail. */
void *holdfast_window_address(const struct holdfast_window *w);
phys_addr_t holdfast_window_phys(const struct holdfast_window *w);
u64 holdfast_window_pages(const struct holdfast_window *w);

/* The VMM's account of a window, and of all. Any context. */
int holdfast_stat(const struct holdfast_window *w, struct hf_stat *stat);
int holdfast_info(struct hf_info *info);

/**
 * holdfast_open() - find an object of the host by its name
 * @name: fewer than HF_OBJECT_NAME_MAX bytes
 * @object: filled in
 *
 * Any context. An object needs no closing. When it is detached its id is never
 * used again, and what is attached later under the same name has another id.
 *
 * Return: 0, -ENOENT or -ENODEV.
 */
int holdfast_open(const char *name, struct holdfast_object *object);

/*
 * The map calls. Any context. Pages of @w from @page_offset on become those of
 * the list, cached; the address of the first of them is
 * holdfast_window_address() + @page_offset * PAGE_SIZE.
 * flags: HF_MAP_READ_ONLY or 0. A write to what is mapped read-only faults.
 *
 * When a call returns, it holds on every CPU: none sees the old page any more.
 *
 * Neighbouring pages are merged to one extent before they are counted.
 */

/* @pages pages of an object, from its page @first on. */
int holdfast_map_object(struct holdfast_window *w, u64 page_offset,
			const struct holdfast_object *object, u64 first,
			u32 pages, unsigned int flags);

/* A list as the ABI has it; it may lie anywhere and is copied. */
int holdfast_map_extents(struct holdfast_window *w, u64 page_offset,
			 const struct hf_extent *list, u32 count,
			 unsigned int flags);

/*
 * Pages of RAM, in this order. Any page that page_to_pfn() finds in RAM will
 * do: of the page allocator, of a slab (whole pages), of the page cache, of
 * vmalloc (vmalloc_to_page() of each), of user space (pin_user_pages()). x86-64
 * has no highmem. Not device memory (ZONE_DEVICE): -ENXIO. No reference is
 * taken: the caller keeps each page until it is unmapped. The kernel's own
 * mapping of the page stays, and both are coherent.
 */
int holdfast_map_pages(struct holdfast_window *w, u64 page_offset,
		       struct page *const *pages, u32 count,
		       unsigned int flags);

/*
 * The same for a bio's vectors or those of an iov_iter. Vectors of several
 * pages are fine; each must begin and end on a page's boundary, else -EINVAL.
 */
int holdfast_map_bvecs(struct holdfast_window *w, u64 page_offset,
		       const struct bio_vec *vecs, u32 count,
		       unsigned int flags);

/**
 * holdfast_unmap() - undo one map
 * @w: the window
 * @page_offset: where the map was
 * @pages: how many pages it mapped, all of them
 *
 * Any context. When it returns no CPU reaches the pages through the window.
 */
int holdfast_unmap(struct holdfast_window *w, u64 page_offset, u64 pages);

/*
 * Unmap and map in one hypercall: @old_pages at @old_offset, exactly one
 * earlier map, make room for the new list, which may lie at the same place. If
 * it fails, the old mapping is still there, but for -EBUSY and -EIO, which
 * leave neither. Otherwise as the map calls.
 */
int holdfast_remap_object(struct holdfast_window *w, u64 old_offset,
			  u64 old_pages, u64 page_offset,
			  const struct holdfast_object *object, u64 first,
			  u32 pages, unsigned int flags);
int holdfast_remap_extents(struct holdfast_window *w, u64 old_offset,
			   u64 old_pages, u64 page_offset,
			   const struct hf_extent *list, u32 count,
			   unsigned int flags);
int holdfast_remap_pages(struct holdfast_window *w, u64 old_offset,
			 u64 old_pages, u64 page_offset,
			 struct page *const *pages, u32 count,
			 unsigned int flags);
int holdfast_remap_bvecs(struct holdfast_window *w, u64 old_offset,
			 u64 old_pages, u64 page_offset,
			 const struct bio_vec *vecs, u32 count,
			 unsigned int flags);

/**
 * holdfast_copy_from_window() - read a window that may be taken away
 * @to: ordinary kernel memory
 * @from: an address in a window
 * @bytes: how many
 *
 * Any context. An operator may detach an object by force, a host file may be
 * cut short, a disk have an unreadable sector: then an access to the window
 * faults. A plain memcpy() would be an oops; this one stops.
 *
 * Return: how many bytes were not copied, at the end of the buffer; 0: all
 * were.
 */
size_t holdfast_copy_from_window(void *to, const void *from, size_t bytes);

/* The other direction; also stops at a page that is mapped read-only. */
size_t holdfast_copy_to_window(void *to, const void *from, size_t bytes);

/**
 * holdfast_flush() - bring what was written to an object to its disk
 * @object: the object
 *
 * Process context: the host's disk may take its time.
 *
 * Return: 0, -ENXIO when the object is not attached any more, -EIO when the
 * host could not write, -EOPNOTSUPP. After -EIO each write since the last
 * flush may be stable, or not yet, or be lost.
 */
int holdfast_flush(const struct holdfast_object *object);

/**
 * holdfast_discard() - tell the host that pages of an object are not needed
 * @object: the object
 * @first: its page
 * @pages: how many
 *
 * Process context. They read as zeros afterwards.
 *
 * Return: 0, -ENXIO when the object is not attached any more or has no such
 * page, -EINVAL, -EROFS, -EIO; -EOPNOTSUPP also where the host's file or disk
 * cannot do it. After -EIO each of the pages may read as before or as zeros.
 * On a disk of the host, writes to them that were not flushed may be lost, then
 * and after -EOPNOTSUPP.
 */
int holdfast_discard(const struct holdfast_object *object, u64 first,
		     u64 pages);

/*
 * @nb is called in process context, from a workqueue of WQ_MEM_RECLAIM, some
 * time after objects were attached or detached on the host, or a page of one
 * could not be had; several changes may be one call. action and data are 0 and
 * NULL: ask holdfast_open(). Process context. Not to be called by a notifier.
 */
int holdfast_register_notifier(struct notifier_block *nb);
int holdfast_unregister_notifier(struct notifier_block *nb);

#endif
