// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A program's view of its windows. A page enters its page tables when it is
 * touched and if something is mapped there, with the rights of the map and of
 * the program; it leaves them before it is unmapped.
 *
 * Nothing points from a VMA to a window: every fault looks the page up in the
 * file, which the VMA keeps alive, and so a VMA may outlast its window.
 */
#include <linux/mm.h>
#include <linux/pfn.h>

#include "copy.h"
#include "device.h"
#include "window.h"

#ifndef HOLDFAST_HAVE_VM_FLAGS_SET
static void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/* The window and map at this page of the arena; false: nothing is mapped. */
static bool find(struct hf_file *own, u64 arena_page, struct hf_user_window **w,
		 struct hf_user_map **map)
{
	*w = hf_user_find(own, arena_page);
	*map = *w ? hf_user_find_map(*w, arena_page - (*w)->arena_page) : NULL;
	return *map;
}

/* Whether the host still has the page, and lets it be written. */
static bool is_there(const struct hf_user_window *w, u64 arena_page, bool write)
{
	u8 *at = holdfast_window_address(w->window) +
		 (arena_page - w->arena_page) * PAGE_SIZE;
	u8 byte;

	return write ? hf_touch_window(at)
		     : !holdfast_copy_from_window(&byte, at, sizeof(byte));
}

static vm_fault_t insert_page(struct hf_file *own, struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	const bool write = vmf->flags & FAULT_FLAG_WRITE;
	vm_flags_t flags = vma->vm_flags;
	struct hf_user_window *w;
	struct hf_user_map *map;
	unsigned long pfn;

	if (!find(own, vmf->pgoff, &w, &map))
		return VM_FAULT_SIGBUS;
	if (write && !map->writable)
		return VM_FAULT_SIGBUS;
	if (map->doubtful && !is_there(w, vmf->pgoff, write))
		return VM_FAULT_SIGSEGV;
	/* What can be read need not have room to be written: see below. */
	if (!map->writable || (map->doubtful && !write))
		flags &= ~VM_WRITE;
	pfn = PHYS_PFN(w->window->base) + (vmf->pgoff - w->arena_page);
	return vmf_insert_pfn_prot(vma, vmf->address, pfn,
				   vm_get_page_prot(flags));
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct hf_file *own = vmf->vma->vm_file->private_data;
	vm_fault_t result;

	mutex_lock(&own->lock);
	result = insert_page(own, vmf);
	mutex_unlock(&own->lock);
	return result;
}

/* The program writes to a page that it could only read so far. */
static vm_fault_t make_writable(struct vm_fault *vmf)
{
	struct hf_file *own = vmf->vma->vm_file->private_data;
	struct hf_user_window *w;
	struct hf_user_map *map;
	vm_fault_t result = 0;

	mutex_lock(&own->lock);
	if (!find(own, vmf->pgoff, &w, &map) || !map->writable)
		result = VM_FAULT_SIGBUS;
	else if (map->doubtful && !is_there(w, vmf->pgoff, true))
		result = VM_FAULT_SIGSEGV;
	mutex_unlock(&own->lock);
	return result;
}

static const struct vm_operations_struct vm_operations = {
	.fault = fault,
	.pfn_mkwrite = make_writable,
};

static int check_range(struct hf_file *own, struct vm_area_struct *vma)
{
	u64 pages = vma_pages(vma);
	struct hf_user_window *w = hf_user_find(own, vma->vm_pgoff);
	u64 offset;

	if (!w)
		return -EINVAL;
	offset = vma->vm_pgoff - w->arena_page;
	if (pages > w->pages - offset)
		return -EINVAL;
	if (!hf_user_has_read_only(w, offset, pages))
		return 0;
	if (vma->vm_flags & VM_WRITE)
		return -EACCES;
	vm_flags_clear(vma, VM_MAYWRITE);
	return 0;
}

int hf_device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct hf_file *own = file->private_data;
	int error;

	/*
	 * A private copy of a page that has no struct page cannot be made. From
	 * 7.3 on the kernel has no is_cow_mapping() for these flags any more.
	 */
	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE)
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	mutex_lock(&own->lock);
	error = check_range(own, vma);
	mutex_unlock(&own->lock);
	if (error)
		return error;
	vm_flags_clear(vma, VM_MAYEXEC);
	/* VM_IO: madvise() cannot take VM_DONTCOPY back. */
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP |
				  VM_DONTCOPY);
	vma->vm_ops = &vm_operations;
	return 0;
}
