/* SPDX-License-Identifier: MIT */
#include "exception.h"

#include "board.h"
#include "ending.h"
#include "vcpu.h"
#include "vmm/log.h"

#include <sys/ioctl.h>

/* What the processor makes of an exception that comes while another is being delivered: the
 * exception, #DF, or 0 for a triple fault (Intel SDM volume 3, interrupt 8). */
static uint8_t combine(const struct kvm_vcpu_events *events, enum vector vector)
{
    const uint8_t first = events->exception.nr;
    const bool contributory = first == 0 || (first >= VECTOR_TS && first <= VECTOR_PF);

    if (events->exception.injected == 0)
        return (uint8_t)vector;
    if (first == VECTOR_DF)
        return 0;
    return contributory && vector != VECTOR_UD ? VECTOR_DF : (uint8_t)vector;
}

bool exception_read(struct vcpu *vcpu, struct kvm_vcpu_events *events)
{
    if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, events) == 0)
        return true;
    ending_host_failed(vcpu, "KVM_GET_VCPU_EVENTS");
    return false;
}

bool exception_write(struct vcpu *vcpu, struct kvm_vcpu_events events)
{
    /* Others may have sent an NMI or INIT since the state was read. */
    events.flags &= (uint32_t) ~(KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SMM |
                                 KVM_VCPUEVENT_VALID_SIPI_VECTOR);
    if (ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events) == 0)
        return true;
    ending_host_failed(vcpu, "KVM_SET_VCPU_EVENTS");
    return false;
}

void exception_inject(struct vcpu *vcpu, struct kvm_vcpu_events events, enum vector vector)
{
    const uint8_t nr = combine(&events, vector);
    if (nr == 0) {
        const struct log_about about = {
            .level = LOG_LEVEL_WARNING, .has_vcpu = true, .vcpu = vcpu->index};
        log_line_about(
            &about,
            "vCPU %u: the guest's exception handling failed three times over (triple fault)",
            vcpu->index);
        ending_follow(vcpu->machine, MACHINE_CRASHED, 0);
        return;
    }
    events.exception.injected = 1;
    events.exception.pending = 0;
    events.exception.nr = nr;
    events.exception.has_error_code = nr != VECTOR_UD;
    events.exception.error_code = 0;
    events.exception_has_payload = 0;
    exception_write(vcpu, events);
}
