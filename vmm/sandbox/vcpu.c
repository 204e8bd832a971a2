/* SPDX-License-Identifier: MIT
 * A vCPU's thread: what the guest asks for. Its mmap() puts RAM, an object or the guard into the
 * arena, and nothing anywhere else. */
#include "newer_names.h"
#include "rule.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(ioctl), .conditions = {REQUEST(KVM_RUN)}, .reason = "runs the guest"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_KVMCLOCK_CTRL)},
     .reason = "tells the guest's clock of a standstill"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_IRQ_LINE)},
     .reason = "interrupts of the serial port, the clock and the power button"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_PRE_FAULT_MEMORY)},
     .reason = "RESERVE and MAP: second-level tables ahead"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_GET_VCPU_EVENTS)},
     .reason = "an exception for an access that cannot be made"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_VCPU_EVENTS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_REGS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_SREGS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_TRANSLATE)},
     .reason = "what an instruction touches that was refused"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_GET_XCRS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_GET_XSAVE)}, .reason = "the same"},
    {CALL(process_vm_readv), .conditions = {IS_OWN_PROCESS(0)},
     .reason = "the same: reads what is mapped in the arena, or nothing"},

    {CALL(mmap),
     .conditions = {IS_LONG(2, PROT_READ | PROT_WRITE), IS_LONG(3, MAP_SHARED | MAP_FIXED)},
     .place = INSIDE_ARENA, .reason = "MAP, REMAP: pages that may be written"},
    {CALL(mmap), .conditions = {IS_LONG(2, PROT_READ), IS_LONG(3, MAP_SHARED | MAP_FIXED)},
     .place = INSIDE_ARENA, .reason = "MAP, REMAP: pages that may be read"},
    {CALL(mmap),
     .conditions = {IS_LONG(2, PROT_NONE),
                    IS_LONG(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED)},
     .place = INSIDE_ARENA, .reason = "UNMAP, REMAP, RESERVE: the guard"},
    {CALL(mmap),
     .conditions = {IS_LONG(2, PROT_READ), IS_LONG(3, MAP_SHARED | MAP_FIXED | MAP_POPULATE)},
     .place = INSIDE_ARENA, .reason = "RESERVE: the page over which tables are made ahead"},
    {CALL(madvise), .conditions = {IS(2, MADV_POPULATE_READ)}, .place = INSIDE_ARENA | INSIDE_RAM,
     .reason = "MAP fills what it has mapped; a page that an access lacks"},
    {CALL(madvise), .conditions = {IS(2, MADV_POPULATE_WRITE)},
     .place = INSIDE_ARENA | INSIDE_RAM | INSIDE_BALLAST,
     .reason = "a page that an access lacks; RESERVE takes ballast"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED)}, .place = INSIDE_BALLAST,
     .reason = "lends ballast"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED_LOCKED)}, .place = INSIDE_BALLAST,
     .reason = "lends ballast that is locked"},
    {CALL(mlock2), .conditions = {IS(2, MLOCK_ONFAULT)}, .place = INSIDE_BALLAST,
     .reason = "RESERVE takes ballast"},
    {CALL(mincore), .place = INSIDE_ARENA, .reason = "MAP: which pages the host has in memory"},

    {CALL(fsync), .reason = "FLUSH"},
    {CALL(fallocate), .conditions = {IS(1, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)},
     .reason = "DISCARD"},
    {CALL(pwrite64), .reason = "DISCARD of pages that were made"},
    {CALL(openat), .conditions = {IS(2, O_RDONLY | O_CLOEXEC)},
     .reason = "RESERVE: what the host and the memory cgroups have left"},
    {CALL(access), .reason = "the same"},
    {CALL(pread64), .reason = "the same"},
    {CALL(close), .reason = "the same; the last call on an object that was detached"},

    {CALL(timer_settime), .reason = "the next look at a vCPU that may stand still"},
    {CALL(timerfd_settime), .reason = "the guest's clock"},
    {CALL(read), .reason = "input of the console, for a guest that asks"},
    {CALL(kill), .conditions = {IS_OWN_PROCESS(0), IS(1, SIGTERM)},
     .reason = "the key that ends the VM was typed"},
};

const struct sandbox_table sandbox_vcpu = TABLE("vcpu", rules);
