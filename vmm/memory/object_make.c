/* SPDX-License-Identifier: MIT
 * Making an object's pages when it is attached. Those of a memfd, or of a file on tmpfs, come into
 * being at the guest's first access and go nowhere afterwards: a guest that touches many would take
 * what windows have set aside. Pages of a file on a disk can be written out and given up. */
#include "layout.h"
#include "vmm/cause.h"
#include "vmm/log.h"
#include "vmm/memory/memory_left.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LEFT_ALONE  (32ull << 20) /* of the host's memory: it would rather kill than refuse */
#define BLOCK_BYTES 512u          /* of stat.st_blocks */
#define AT_ONCE     (64ull << 20)

#ifndef MADV_POPULATE_READ /* Linux 5.14 */
#define MADV_POPULATE_READ 22
#endif

static bool lies_in_memory(const struct object *object)
{
    struct statfs info;

    return object->kind == OBJECT_MEMFD ||
           (object->kind == OBJECT_FILE && fstatfs(object->fd, &info) == 0 &&
            (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC));
}

/* How much of the object is data and no hole. */
static uint64_t data_in(const struct object *object)
{
    const off_t end = (off_t)object->bytes;
    uint64_t data = 0;
    off_t to;

    for (off_t from = 0; (from = lseek(object->fd, from, SEEK_DATA)) >= 0 && from < end;
         from = to) {
        to = lseek(object->fd, from, SEEK_HOLE);
        if (to <= from)
            break;
        data += (uint64_t)((to < end ? to : end) - from);
    }
    return data;
}

/* What making all pages takes: those that are there are counted already. A guess, for the blocks of
 * a file may lie behind its end, and pages that were made and never touched are holes, too. */
static uint64_t missing(const struct object *object)
{
    struct stat status;
    const uint64_t bytes = (object->bytes + HF_PAGE_SIZE - 1) & ~(HF_PAGE_SIZE - 1);

    if (fstat(object->fd, &status) < 0)
        return bytes;
    const uint64_t there = (uint64_t)status.st_size > object->bytes
                               ? data_in(object)
                               : (uint64_t)status.st_blocks * BLOCK_BYTES;
    return there < bytes ? bytes - there : 0;
}

/* fallocate() wants a descriptor that may write, and ramfs has none: there, each page is read. A
 * shared page of tmpfs that is read is made. */
static int read_all(const struct object *object)
{
    int result = 0;

    for (uint64_t at = 0; at < object->bytes && result == 0; at += AT_ONCE) {
        const uint64_t left = object->bytes - at;
        const size_t part = left < AT_ONCE ? left : AT_ONCE;
        void *pages = mmap(NULL, part, PROT_READ, MAP_SHARED, object->fd, (off_t)at);
        if (pages == MAP_FAILED)
            return -1;
        result = madvise(pages, part, MADV_POPULATE_READ);
        munmap(pages, part);
    }
    return result;
}

static int make_pages(const struct object *object)
{
    if (object->writable &&
        fallocate(object->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)object->bytes) == 0)
        return 0;
    return !object->writable || errno == EOPNOTSUPP || errno == EPERM ? read_all(object) : -1;
}

static bool fits(uint64_t bytes, uint64_t left)
{
    errno = ENOMEM;
    return bytes == 0 || (left > LEFT_ALONE && bytes < left - LEFT_ALONE);
}

int memory_make_object(const struct memory *memory, const char *name, struct object *object,
                       struct error *error)
{
    object->in_memory = lies_in_memory(object);
    if (memory->guarantee == GUARANTEE_OFF || !object->in_memory)
        return 0;
    const uint64_t bytes = missing(object);
    const uint64_t left = memory_left();
    object->made = fits(bytes, left) && make_pages(object) == 0;
    const char *cause = cause_text(errno);
    if (object->made)
        return 0;
    if (memory->guarantee == GUARANTEE_STRICT)
        return error_set(error,
                         "object %s: --guarantee strict: its pages cannot be made: %s; %llu bytes "
                         "are missing, the host or the memory cgroup has %llu left",
                         name, cause, (unsigned long long)bytes, (unsigned long long)left);
    log_line(
        "object %s: its pages cannot be made: %s; %llu bytes are missing, the host or the memory "
        "cgroup has %llu left: a guest that touches them for the first time takes what windows "
        "have set aside",
        name, cause, (unsigned long long)bytes, (unsigned long long)left);
    return 0;
}
