/* SPDX-License-Identifier: MIT
 * The main thread: waits for the end, and then takes the VM apart. */
#include "rule.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(read), .reason = "the signal that ends the VM"},
    {CALL(timer_delete), .reason = "at the end: vCPUs' timers"},
    {CALL(munmap), .reason = "at the end: the guest's memory, and stacks"},
    {CALL(brk), .reason = "at the end: malloc(3) and free(3)"},
    {CALL(mmap),
     .conditions = {IS_NULL(0), IS_LONG(2, PROT_READ | PROT_WRITE),
                    IS_LONG(3, MAP_PRIVATE | MAP_ANONYMOUS)},
     .reason = "the same"},
    {CALL(mremap), .conditions = {IS_LONG(3, MREMAP_MAYMOVE)}, .reason = "the same"},
    {CALL(close), .reason = "at the end"},
    {CALL(sendto), .reason = "at the end: libvirt's clients are told"},
    {CALL(flock), .reason = "at the end: the lock of the control socket's directory"},
    {CALL(newfstatat), .conditions = {IS(3, AT_SYMLINK_NOFOLLOW)},
     .reason = "at the end: whether a socket is the one that was made"},
    {CALL(unlinkat), .conditions = {IS(2, 0)}, .reason = "at the end: removes that"},
};

const struct sandbox_table sandbox_main = TABLE("main", rules);
