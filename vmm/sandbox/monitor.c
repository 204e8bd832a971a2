/* SPDX-License-Identifier: MIT
 * The thread that answers libvirt. */
#include "rule.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(accept4), .reason = "a client"},
    {CALL(recvmsg), .reason = "a client's command, and the descriptor for a core file"},
    {CALL(sendto), .reason = "answers and events"},
    {CALL(read), .reason = "what has happened to the machine"},
    {CALL(close), .reason = "a client that has left"},
    {CALL(fcntl), .conditions = {IS(1, F_GETFL)}, .reason = "the descriptor for a core file"},
    {CALL(fcntl), .conditions = {IS(1, F_SETFL)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_GET_REGS)}, .reason = "registers for a core file"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_GET_SREGS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_IRQ_LINE)}, .reason = "the power button"},
    {CALL(brk), .reason = "malloc(3), for JSON"},
    {CALL(mmap),
     .conditions = {IS_NULL(0), IS_LONG(2, PROT_READ | PROT_WRITE),
                    IS_LONG(3, MAP_PRIVATE | MAP_ANONYMOUS)},
     .reason = "the same"},
    {CALL(mremap), .conditions = {IS_LONG(3, MREMAP_MAYMOVE)}, .place = OUTSIDE_ARENA,
     .reason = "the same"},
    {CALL(munmap), .place = OUTSIDE_ARENA, .reason = "the same"},
};

const struct sandbox_table sandbox_monitor = TABLE("monitor", rules);
