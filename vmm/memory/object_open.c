/* SPDX-License-Identifier: MIT
 * Opening what stands behind an object. */
#include "object.h"

#include "vmm/cause.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ULL(value) ((unsigned long long)(value))

const char *object_kind_name(enum object_kind kind)
{
    switch (kind) {
    case OBJECT_FILE:
        return "file";
    case OBJECT_BLOCK_DEVICE:
        return "block device";
    case OBJECT_MEMFD:
        return "memfd";
    }
    return "?";
}

static int open_memfd(const struct object_spec *spec, struct object *object, struct error *error)
{
    object->kind = OBJECT_MEMFD;
    object->residency_told = true;
    object->bytes = spec->bytes;
    object->fd = memfd_create(spec->name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (object->fd < 0 || ftruncate(object->fd, (off_t)spec->bytes) < 0 ||
        fcntl(object->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return error_set(error, "object %s: no memfd of %llu bytes: %s", spec->name,
                         ULL(spec->bytes), cause_text(errno));
    return 0;
}

static int refuse_kind(const struct object_spec *spec, mode_t mode, struct error *error)
{
    if (S_ISREG(mode) || S_ISBLK(mode))
        return 0;
    return error_set(error, "object %s: %s is neither a regular file nor a block device",
                     spec->name, spec->path);
}

/* Opens what is there, once it has been seen what that is: to open a FIFO lets its writer go on,
 * and to open a device may do anything. The descriptor, -1 with errno, or -2 with the error set. */
static int open_there(const struct object_spec *spec, struct error *error)
{
    const int flags = (spec->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    const int seen = open(spec->path, O_PATH | O_CLOEXEC);
    char again[64];
    struct stat info;

    if (seen < 0)
        return -1;
    int fd = -1;
    if (fstat(seen, &info) == 0 && refuse_kind(spec, info.st_mode, error) < 0) {
        fd = -2;
    } else {
        snprintf(again, sizeof again, "/proc/self/fd/%d", seen);
        fd = open(again, flags);
    }
    const int cause = errno;
    close(seen);
    errno = cause;
    return fd;
}

/* Opens the path, making the file first where that was asked for and it is not there. */
static int open_path(const struct object_spec *spec, struct object *object, struct error *error)
{
    object->fd = open_there(spec, error);
    if (object->fd == -2)
        return object->fd = -1;
    if (object->fd < 0 && errno == ENOENT && spec->create) {
        object->fd = open(spec->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (object->fd >= 0)
            made_file_note(&object->new_file, object->fd);
    }
    if (object->fd < 0)
        return error_set(error, "object %s: cannot open %s %s: %s%s", spec->name, spec->path,
                         spec->read_only ? "for reading" : "for reading and writing",
                         cause_text(errno),
                         errno == ENOENT                       ? " (size=S,create would make it)"
                         : errno == EACCES && !spec->read_only ? " (access=ro may be enough)"
                                                               : "");
    if (object->new_file.is_made && ftruncate(object->fd, (off_t)spec->bytes) < 0)
        return error_set(error, "object %s: cannot make %s %llu bytes long: %s", spec->name,
                         spec->path, ULL(spec->bytes), cause_text(errno));
    return 0;
}

static int measure(const struct object_spec *spec, struct object *object, struct error *error)
{
    struct stat info;

    if (fstat(object->fd, &info) < 0)
        return error_set(error, "object %s: %s: %s", spec->name, spec->path, cause_text(errno));
    object->residency_told = object->writable || info.st_uid == geteuid() || geteuid() == 0;
    object->kind = S_ISBLK(info.st_mode) ? OBJECT_BLOCK_DEVICE : OBJECT_FILE;
    object->bytes = (uint64_t)info.st_size;
    if (object->kind == OBJECT_BLOCK_DEVICE && ioctl(object->fd, BLKGETSIZE64, &object->bytes) < 0)
        return error_set(error, "object %s: cannot tell the size of %s: %s", spec->name, spec->path,
                         cause_text(errno));
    if (object->bytes == 0)
        return error_set(error, "object %s: %s is empty; nothing of it could be mapped", spec->name,
                         spec->path);
    if (spec->bytes > object->bytes)
        return error_set(error, "object %s: %s has %llu bytes, fewer than size=%llu", spec->name,
                         spec->path, ULL(object->bytes), ULL(spec->bytes));
    /* The rest of the last page would show and take what lies behind. */
    if (spec->bytes > 0 && spec->bytes < object->bytes && spec->bytes % HF_PAGE_SIZE != 0)
        return error_set(error,
                         "object %s: size=%llu is a part of %s, which has %llu bytes; a part ends "
                         "with a page, at a multiple of %llu",
                         spec->name, ULL(spec->bytes), spec->path, ULL(object->bytes),
                         ULL(HF_PAGE_SIZE));
    if (spec->bytes > 0)
        object->bytes = spec->bytes;
    return 0;
}

/* mmap() rounds lengths up to huge pages there, over what lies behind in the arena, and munmap()
 * refuses anything less. */
static int refuse_huge_pages(const struct object_spec *spec, const struct object *object,
                             struct error *error)
{
    struct statfs info;

    if (fstatfs(object->fd, &info) < 0)
        return error_set(error, "object %s: %s: %s", spec->name, object->source, cause_text(errno));
    if (info.f_type == HUGETLBFS_MAGIC)
        return error_set(error,
                         "object %s: %s lies on hugetlbfs, whose pages of %lld bytes cannot be "
                         "mapped one by %llu; use another file system",
                         spec->name, object->source, (long long)info.f_bsize, ULL(HF_PAGE_SIZE));
    return 0;
}

/* Some file systems refuse shared mappings: better said now than when a guest maps. */
static int try_mapping(const struct object_spec *spec, const struct object *object,
                       struct error *error)
{
    void *page = mmap(NULL, HF_PAGE_SIZE, object->writable ? PROT_READ | PROT_WRITE : PROT_READ,
                      MAP_SHARED, object->fd, 0);

    if (page == MAP_FAILED)
        return error_set(error, "object %s: %s cannot be mapped: %s", spec->name, object->source,
                         cause_text(errno));
    munmap(page, HF_PAGE_SIZE);
    return 0;
}

int object_open(const struct object_spec *spec, struct object *object, struct error *error)
{
    *object = (struct object){.fd = -1, .writable = !spec->read_only};
    const bool memfd = spec->path[0] == '\0';

    snprintf(object->source, sizeof object->source, "%.255s", memfd ? "memfd" : spec->path);
    int result = memfd ? open_memfd(spec, object, error) : open_path(spec, object, error);
    if (result == 0 && !memfd)
        result = measure(spec, object, error);
    if (result == 0)
        result = refuse_huge_pages(spec, object, error);
    if (result == 0)
        result = try_mapping(spec, object, error);
    if (result < 0) {
        made_file_remove(&object->new_file, spec->path);
        object_close(object);
    }
    return result;
}

void object_close(struct object *object)
{
    if (object->fd >= 0)
        close(object->fd);
    object->fd = -1;
}
