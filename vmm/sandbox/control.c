/* SPDX-License-Identifier: MIT
 * The control service's thread. It opens what an operator attaches. */
#include "newer_names.h"
#include "rule.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <sys/mman.h>

#define MAPPED_AT_ONCE (64ull << 20)

static const struct sandbox_rule rules[] = {
    {CALL(accept4), .reason = "a client"},
    {CALL(getsockopt), .reason = "who the client is"},
    {CALL(geteuid), .reason = "the same"},
    {CALL(recvfrom), .reason = "a client's request"},
    {CALL(sendto), .reason = "the answer"},
    {CALL(close), .reason = "a client that has left; an object that was detached"},

    {CALL(openat), .reason = "attach: the file, and what the host has left"},
    {CALL(access), .reason = "attach: what the host has left"},
    {CALL(pread64), .reason = "the same"},
    {CALL(read), .reason = "attach: which limit it met"},
    {CALL(memfd_create), .reason = "attach: an object without a file"},
    {CALL(ftruncate), .reason = "attach: the size of what was made"},
    {CALL(fcntl), .conditions = {IS(1, F_ADD_SEALS)}, .reason = "attach: it stays as large"},
    {CALL(fstatfs), .reason = "attach: which file system it lies on"},
    {CALL(ioctl), .conditions = {REQUEST(BLKGETSIZE64)}, .reason = "attach: a device's size"},
    {CALL(fallocate), .reason = "attach: makes its pages"},
    {CALL(mmap),
     .conditions = {IS_NULL(0), AT_MOST(1, MAPPED_AT_ONCE, "64 MiB"), IS_LONG(3, MAP_SHARED)},
     .reason = "attach: whether it can be mapped; reads its pages"},
    {CALL(madvise), .conditions = {IS(2, MADV_POPULATE_READ)}, .reason = "the same"},
    {CALL(munmap), .conditions = {AT_MOST(1, MAPPED_AT_ONCE, "64 MiB")}, .reason = "the same"},
    {CALL(newfstatat), .conditions = {IS(3, AT_SYMLINK_NOFOLLOW)},
     .reason = "attach that fails: whether the file is the one that was made"},
    {CALL(unlinkat), .conditions = {IS(2, 0)}, .reason = "attach that fails: removes that"},

    {CALL(mmap),
     .conditions = {IS_LONG(2, PROT_NONE),
                    IS_LONG(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED)},
     .inside = INSIDE_ARENA, .reason = "detach by force: the guard"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED)}, .inside = INSIDE_BALLAST,
     .reason = "the same: lends ballast"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED_LOCKED)}, .inside = INSIDE_BALLAST,
     .reason = "the same: lends ballast that is locked"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_IRQ_LINE)}, .reason = "the change interrupt"},
};

const struct sandbox_table sandbox_control = TABLE("control", rules);
