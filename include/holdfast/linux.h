/* SPDX-License-Identifier: MIT
 *
 * Holdfast for programs in a Linux guest: what ioctl(2) and mmap(2) of /dev/holdfast take. The
 * module holdfast serves it; the manual is holdfast-linux(4). Compiles alone as C11 and C++11; the
 * structures are the same for 32-bit and 64-bit programs.
 *
 * An open file owns the windows that are reserved through it. They are released when the last
 * descriptor and the last mmap of the file are gone, however their program ends. A program maps
 * parts of objects in its windows by ioctl and sees them by mmap; both may come first. An access
 * to a page in which nothing is mapped, or to one that is mapped read-only by a write, is SIGBUS.
 * Where the host takes an object away by force, or cannot read it, it is SIGSEGV.
 *
 * Every call answers 0, or -1 and errno as it stands at its structure; also EFAULT for a structure
 * outside of the program's memory, EINVAL for an undefined flag or a member "zero" that is not 0,
 * ENOTTY for an unknown call, and EIO if the host refuses. A call that fails has changed nothing,
 * but for a flush that ends in EIO.
 */
#ifndef HOLDFAST_LINUX_H
#define HOLDFAST_LINUX_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define HOLDFAST_LINUX_VERSION 1u

#define HOLDFAST_FILE_WINDOWS_MAX 256u  /* windows of one open file at once */
#define HOLDFAST_WINDOW_MAPS_MAX  4096u /* maps in one window at once */

/* What there is. Cannot fail. */
struct holdfast_linux_info {
    __u64 arena_free;    /* out: pages in no window */
    __u64 arena_largest; /* out: pages of the longest free range */
    __u32 version;       /* out: HOLDFAST_LINUX_VERSION */
    __u32 abi_version;   /* out: of the hypercalls */
    __u32 features;      /* out: HF_FEATURE_... of holdfast/abi.h */
    __u32 objects;       /* out: attached to the VM */
};

#define HOLDFAST_LINUX_NAME_MAX 64u /* with the closing NUL */
#define HOLDFAST_LINUX_WRITABLE 1u

/* Finds an object by its name. ENOENT. Nothing needs to be closed. */
struct holdfast_linux_open {
    char name[HOLDFAST_LINUX_NAME_MAX]; /* in */
    __u64 bytes;                        /* out: the last page may be filled up with zeros */
    __u32 object;                       /* out: for map and flush; ids are not used twice */
    __u32 rights;                       /* out: HOLDFAST_LINUX_WRITABLE or 0 */
};

/* Reserves a window. What its maps need is set aside here.
 * EINVAL: no bytes, tag 0, or no or too many maps. E2BIG: 2^32 pages or more. ENOMEM: the host or
 * the guest is short of what it takes. EMFILE: the file has HOLDFAST_FILE_WINDOWS_MAX windows. */
struct holdfast_linux_reserve {
    __u64 bytes;       /* in: rounded up to whole pages */
    __u32 tag;         /* in: the owner's mark, not 0; the operator sees it */
    __u32 maps_max;    /* in: 1 to HOLDFAST_WINDOW_MAPS_MAX */
    __u64 zero;        /* in */
    __u64 window;      /* out: for the other calls; never given out twice */
    __u64 mmap_offset; /* out: for mmap(2), of the window's first page */
};

#define HOLDFAST_LINUX_READ_ONLY 1u

/* Maps pages of an object at a place of the window.
 * ENXIO: the file has no such window; some page is not part of an attached object. EINVAL: no
 * pages. ERANGE: beyond the end of the window. EEXIST: something is mapped there. ENOSPC: maps_max
 * are there. EROFS: without HOLDFAST_LINUX_READ_ONLY, of an object that is not writable. EACCES:
 * the same, where the file is not open for writing. */
struct holdfast_linux_map {
    __u64 window;      /* in */
    __u64 page_offset; /* in: where in the window */
    __u64 first;       /* in: page number in the object */
    __u64 pages;       /* in */
    __u32 object;      /* in */
    __u32 flags;       /* in: HOLDFAST_LINUX_READ_ONLY or 0 */
};

/* Takes back exactly one map. When it returns no program sees the pages through the window.
 * ENXIO: no such window. ERANGE: beyond its end. ENOENT: nothing is mapped at page_offset, or
 * something that begins elsewhere. EINVAL: it has another number of pages. */
struct holdfast_linux_unmap {
    __u64 window;      /* in */
    __u64 page_offset; /* in */
    __u64 pages;       /* in */
};

/* Gives a window back. An mmap of it may stay; an access is SIGBUS.
 * ENXIO: no such window. EBUSY: something is mapped in it. */
struct holdfast_linux_release {
    __u64 window; /* in */
};

/* Brings to the disk what was written to the object, by whomever in this VM.
 * ENXIO: no such object. EOPNOTSUPP: the VMM is too old. EIO: the disk failed; each
 * write since the last flush may be stable, or not yet, or be lost. */
struct holdfast_linux_flush {
    __u32 object; /* in */
    __u32 zero;
};

#define HOLDFAST_LINUX_MAGIC 0xb7
#define HOLDFAST_INFO        _IOR(HOLDFAST_LINUX_MAGIC, 0, struct holdfast_linux_info)
#define HOLDFAST_OPEN        _IOWR(HOLDFAST_LINUX_MAGIC, 1, struct holdfast_linux_open)
#define HOLDFAST_RESERVE     _IOWR(HOLDFAST_LINUX_MAGIC, 2, struct holdfast_linux_reserve)
#define HOLDFAST_MAP         _IOW(HOLDFAST_LINUX_MAGIC, 3, struct holdfast_linux_map)
#define HOLDFAST_UNMAP       _IOW(HOLDFAST_LINUX_MAGIC, 4, struct holdfast_linux_unmap)
#define HOLDFAST_RELEASE     _IOW(HOLDFAST_LINUX_MAGIC, 5, struct holdfast_linux_release)
#define HOLDFAST_FLUSH       _IOW(HOLDFAST_LINUX_MAGIC, 6, struct holdfast_linux_flush)

/* mmap(2): any part of one window, from mmap_offset on; MAP_SHARED only, never executable.
 * EINVAL: MAP_PRIVATE, or not within one window of this file. EACCES: PROT_WRITE where a page is
 * mapped read-only, or where the file is not open for writing. EPERM: PROT_EXEC. A child made by
 * fork(2) does not inherit the mapping, but the descriptor, with which it may map anew. */

#endif
