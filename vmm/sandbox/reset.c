/* SPDX-License-Identifier: MIT
 * The thread that resets the machine: takes all windows away, and sets every vCPU's state. */
#include "newer_names.h"
#include "rule.h"

#include <linux/kvm.h>
#include <sys/mman.h>

static const struct sandbox_rule rules[] = {
    {CALL(mmap),
     .conditions = {IS_LONG(2, PROT_NONE),
                    IS_LONG(3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED)},
     .place = INSIDE_ARENA, .reason = "the guard over all of the arena"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED)}, .place = INSIDE_BALLAST,
     .reason = "lends ballast"},
    {CALL(madvise), .conditions = {IS(2, MADV_DONTNEED_LOCKED)}, .place = INSIDE_BALLAST,
     .reason = "lends ballast that is locked"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_IRQCHIP)}, .reason = "the state at power-on"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_PIT2)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_SREGS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_LAPIC)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_MSRS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_XCRS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_XSAVE)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_DEBUGREGS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_REGS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_VCPU_EVENTS)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_SET_MP_STATE)}, .reason = "the same"},
    {CALL(ioctl), .conditions = {REQUEST(KVM_IRQ_LINE)},
     .reason = "lines of the devices that were reset"},
    {CALL(timerfd_settime), .reason = "the guest's clock"},
};

const struct sandbox_table sandbox_reset = TABLE("reset", rules);
