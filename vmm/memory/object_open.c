/* SPDX-License-Identifier: MIT
 * What stands behind an object: made, opened, or handed over; and whether it will do. */
#include "object.h"

#include "vmm/cause.h"
#include "vmm/process/user.h"

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

#define SECRET_MEMORY 0x5345434d /* SECRETMEM_MAGIC of the kernel */

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

/* What is neither has no pages of its own, or none that stay. */
static int check_kind(const struct object_spec *spec, const struct object *object, mode_t mode,
                      struct error *error)
{
    if (S_ISREG(mode) || S_ISBLK(mode))
        return 0;
    return error_set(error, "object %s: %s is neither a regular file nor a block device",
                     spec->name, object->source);
}

/* A descriptor that was handed over may have been opened in any way. */
static int check_flags(const struct object_spec *spec, const struct object *object,
                       struct error *error)
{
    const int flags = fcntl(object->fd, F_GETFL);
    const int mode = flags & O_ACCMODE;

    if (flags < 0)
        return error_set(error, "object %s: %s: %s", spec->name, object->source, cause_text(errno));
    if ((flags & O_PATH) != 0)
        return error_set(error, "object %s: the descriptor of %s only names it (O_PATH)",
                         spec->name, object->source);
    if (mode == O_WRONLY || (object->writable && mode != O_RDWR))
        return error_set(error, "object %s: the descriptor of %s is open for %s only%s", spec->name,
                         object->source, mode == O_WRONLY ? "writing" : "reading",
                         mode == O_RDONLY ? " (access=ro may be enough)" : "");
    /* pwrite() would write behind the end, wherever it is told to. */
    if ((flags & O_APPEND) != 0)
        return error_set(error, "object %s: the descriptor of %s is open for appending", spec->name,
                         object->source);
    return 0;
}

/* What its other holders can still do to it. */
static int check_holders(const struct object_spec *spec, const struct object *object,
                         struct error *error)
{
    const int seals = fcntl(object->fd, F_GET_SEALS); /* -1: a file that cannot be sealed */
    const int lease = fcntl(object->fd, F_GETLEASE);

    /* It would last as long as the object, and keep others from opening the file. */
    if (lease == F_RDLCK || lease == F_WRLCK)
        return error_set(error, "object %s: the descriptor of %s has a lease (F_SETLEASE)",
                         spec->name, object->source);
    if (!object->writable || seals < 0 || (seals & F_SEAL_SEAL) != 0)
        return 0;
    return error_set(error,
                     "object %s: %s can still be sealed against writing, after which no call could "
                     "map it; seal it first (F_SEAL_SEAL), or use access=ro",
                     spec->name, object->source);
}

static int measure(const struct object_spec *spec, struct object *object, struct error *error)
{
    struct stat info;

    if (fstat(object->fd, &info) < 0)
        return error_set(error, "object %s: %s: %s", spec->name, object->source, cause_text(errno));
    if (check_kind(spec, object, info.st_mode, error) < 0)
        return -1;
    object->residency_told = info.st_uid == user_at_run();
    object->kind = S_ISBLK(info.st_mode) ? OBJECT_BLOCK_DEVICE : OBJECT_FILE;
    object->bytes = (uint64_t)info.st_size;
    if (object->kind == OBJECT_BLOCK_DEVICE && ioctl(object->fd, BLKGETSIZE64, &object->bytes) < 0)
        return error_set(error, "object %s: cannot tell the size of %s: %s", spec->name,
                         object->source, cause_text(errno));
    if (object->bytes == 0)
        return error_set(error, "object %s: %s is empty; nothing of it could be mapped", spec->name,
                         object->source);
    if (spec->bytes > object->bytes)
        return error_set(error, "object %s: %s has %llu bytes, fewer than size=%llu", spec->name,
                         object->source, ULL(object->bytes), ULL(spec->bytes));
    /* The rest of the last page would show and take what lies behind. */
    if (spec->bytes > 0 && spec->bytes < object->bytes && spec->bytes % HF_PAGE_SIZE != 0)
        return error_set(error,
                         "object %s: size=%llu is a part of %s, which has %llu bytes; a part ends "
                         "with a page, at a multiple of %llu",
                         spec->name, ULL(spec->bytes), object->source, ULL(object->bytes),
                         ULL(HF_PAGE_SIZE));
    if (spec->bytes > 0)
        object->bytes = spec->bytes;
    return 0;
}

/* On hugetlbfs, mmap() rounds lengths up to huge pages, over what lies behind in the arena, and
 * munmap() refuses anything less. Pages of memfd_secret(2) are for no other than the process that
 * maps them: KVM gets none. */
static int check_file_system(const struct object_spec *spec, const struct object *object,
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
    if (info.f_type == SECRET_MEMORY)
        return error_set(error, "object %s: %s is secret memory, which no guest can be given",
                         spec->name, object->source);
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

static int check_all(const struct object_spec *spec, struct object *object, struct error *error)
{
    if (check_flags(spec, object, error) < 0 || measure(spec, object, error) < 0 ||
        check_holders(spec, object, error) < 0 || check_file_system(spec, object, error) < 0)
        return -1;
    return try_mapping(spec, object, error);
}

int object_take(const struct object_spec *spec, int fd, struct object *object, struct error *error)
{
    *object = (struct object){.fd = fd, .writable = !spec->read_only};
    snprintf(object->source, sizeof object->source, "%.255s", spec->path);
    if (check_all(spec, object, error) == 0)
        return 0;
    object_close(object);
    return -1;
}

static int make_memfd(const struct object_spec *spec, struct object *object, struct error *error)
{
    *object = (struct object){.fd = -1, .writable = !spec->read_only, .source = "memfd"};
    if (open_memfd(spec, object, error) == 0 && try_mapping(spec, object, error) == 0)
        return 0;
    object_close(object);
    return -1;
}

int object_open(const struct object_spec *spec, struct object *object, struct error *error)
{
    struct made_file new_file = {0};

    *object = (struct object){.fd = -1};
    if (spec->path[0] == '\0')
        return make_memfd(spec, object, error);
    const int fd = object_open_path(spec, &new_file, error);
    if (fd < 0)
        return -1;
    if (object_take(spec, fd, object, error) < 0) {
        made_file_remove(&new_file, spec->path);
        return -1;
    }
    object->new_file = new_file;
    return 0;
}

void object_close(struct object *object)
{
    if (object->fd >= 0)
        close(object->fd);
    object->fd = -1;
}
