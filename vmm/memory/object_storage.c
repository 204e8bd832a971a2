/* SPDX-License-Identifier: MIT
 * What an object's file is told beside being mapped: to be on stable storage, to forget pages. */
#include "object.h"
#include "vmm/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct log_limit failed_lines;

/* Signals that are to get vCPUs out of KVM_RUN may come in between. */
static bool again_if_interrupted(int result)
{
    return result < 0 && errno == EINTR;
}

enum hf_status object_flush(const struct object *object)
{
    int result;

    if (object->kind == OBJECT_MEMFD)
        return HF_OK;
    do
        result = fsync(object->fd);
    while (again_if_interrupted(result));
    if (result == 0)
        return HF_OK;
    /* Not strerror(), which may allocate. */
    log_limited(&failed_lines, "the host cannot flush %s: %s", object->source,
                strerrordesc_np(errno));
    return HF_IO_ERROR;
}

/* Whole pages, also at the end of a file that has only a part of the last one: what stands behind
 * its end was to be seen in a window. */
static int punch(const struct object *object, uint64_t first, uint64_t pages)
{
    int result;

    do
        result = fallocate(object->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                           (off_t)(first * HF_PAGE_SIZE), (off_t)(pages * HF_PAGE_SIZE));
    while (again_if_interrupted(result));
    return result;
}

/* The next access must not have to make the pages again. The one that the object's end lies in is
 * punched out: what stands behind the end cannot be written. */
static int clear(const struct object *object, uint64_t first, uint64_t pages)
{
    static const uint8_t zeros[65536];
    const uint64_t whole = object->bytes / HF_PAGE_SIZE;
    const uint64_t end = first + pages;
    const uint64_t stop = (end < whole ? end : whole) * HF_PAGE_SIZE;

    /* First, because this is what the file system may not be able to do. */
    if (end > whole && punch(object, whole, end - whole) < 0)
        return -1;
    for (uint64_t at = first * HF_PAGE_SIZE; at < stop;) {
        const size_t part = stop - at < sizeof zeros ? stop - at : sizeof zeros;
        const ssize_t done = pwrite(object->fd, zeros, part, (off_t)at);
        if (done > 0)
            at += (uint64_t)done;
        else if (!again_if_interrupted((int)done))
            return -1;
    }
    return 0;
}

/* EINVAL: a block device whose blocks are larger than a page. */
static bool means_unsupported(int cause)
{
    return cause == EOPNOTSUPP || cause == ENOSYS || cause == ENODEV || cause == EINVAL;
}

enum hf_status object_discard(const struct object *object, uint64_t first, uint64_t pages,
                              bool has_changed)
{
    if ((object->made ? clear(object, first, pages) : punch(object, first, pages)) == 0)
        return HF_OK;
    if (means_unsupported(errno) && !has_changed)
        return HF_NOT_SUPPORTED;
    log_limited(&failed_lines, "the host cannot discard pages of %s: %s", object->source,
                strerrordesc_np(errno));
    return HF_IO_ERROR;
}
