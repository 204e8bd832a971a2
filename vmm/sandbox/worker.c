/* SPDX-License-Identifier: MIT
 * The control service's workers: they answer requests that may have to wait. What an operator
 * attaches comes as a descriptor. */
#include "newer_names.h"
#include "rule.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <sys/mman.h>

#define MAPPED_AT_ONCE (64ull << 20)

static const struct sandbox_rule rules[] = {
    {CALL(openat), .conditions = {IS(2, O_RDONLY | O_CLOEXEC)},
     .reason = "what the host and the memory cgroups have left, where it is not open"},
    {CALL(access), .reason = "the same"},
    {CALL(pread64), .reason = "the same; metrics: what the VMM's process takes, open from before"},
    {CALL(read), .reason = "attach: which limit it met"},
    {CALL(close), .reason = "the same; an object that was detached"},

    {CALL(memfd_create), .reason = "attach: an object without a file"},
    {CALL(ftruncate), .reason = "attach: the size of what was made"},
    {CALL(fcntl), .conditions = {IS(1, F_GETFL)}, .reason = "attach: for what it is open"},
    {CALL(fcntl), .conditions = {IS(1, F_GETLEASE)},
     .reason = "attach: whether others may open it"},
    {CALL(fcntl), .conditions = {IS(1, F_GET_SEALS)},
     .reason = "attach: whether it stays as large"},
    {CALL(fcntl), .conditions = {IS(1, F_ADD_SEALS)}, .reason = "attach: it stays as large"},
    {CALL(fstatfs), .reason = "attach: which file system it lies on"},
    {CALL(ioctl), .conditions = {REQUEST(BLKGETSIZE64)}, .reason = "attach: a device's size"},
    {CALL(fallocate), .reason = "attach: makes its pages"},
    {CALL(mmap),
     .conditions = {IS_NULL(0), AT_MOST(1, MAPPED_AT_ONCE, "64 MiB"), IS_LONG(3, MAP_SHARED)},
     .reason = "attach: whether it can be mapped; reads its pages"},
    {CALL(madvise), .conditions = {IS(2, MADV_POPULATE_READ)}, .reason = "the same"},
    {CALL(munmap), .conditions = {AT_MOST(1, MAPPED_AT_ONCE, "64 MiB")}, .place = OUTSIDE_ARENA,
     .reason = "the same"},

    {CALL(mmap),
     .conditions = {IS_LONG(2, PROT_NONE),
                    IS_LONG(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED)},
     .place = INSIDE_ARENA, .reason = "detach by force: the guard"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED)}, .place = INSIDE_BALLAST,
     .reason = "the same: lends ballast"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED_LOCKED)}, .place = INSIDE_BALLAST,
     .reason = "the same: lends ballast that is locked"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_IRQ_LINE)},
     .reason = "the change interrupt; the power button"},
};

const struct sandbox_table sandbox_worker = TABLE("control workers", rules);
