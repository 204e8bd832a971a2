/* SPDX-License-Identifier: MIT
 * I/O ports: hypercalls, the serial port, reset, exit. Anything else reads as ones. */
#include "board.h"
#include "holdfast/abi.h"

#include <string.h>

#define PORT_RESET          0xcf9u /* as on Intel chip sets */
#define PORT_KEYBOARD       0x64u
#define RESET_NOW           0x04u
#define KEYBOARD_PULSES_CPU 0xfeu

#define EFER_LMA (1u << 10)

static uint8_t cpl(const struct vcpu *vcpu)
{
    return vcpu->run->s.regs.sregs.ss.dpl;
}

/* The first value written, whatever its width. */
static uint32_t value_written(const struct kvm_run *run, const uint8_t *data)
{
    uint32_t value = 0;

    memcpy(&value, data, run->io.size <= sizeof value ? run->io.size : sizeof value);
    return value;
}

static void hypercall(struct vcpu *vcpu, uint32_t call)
{
    struct kvm_sync_regs *state = &vcpu->run->s.regs;
    /* Code of 16 or 32 bits cannot see, or clear, the upper half. L means something only in long
     * mode. */
    const bool wide = state->sregs.cs.l != 0 && (state->sregs.efer & EFER_LMA) != 0;
    const uint64_t gpa = wide ? state->regs.rbx : (uint32_t)state->regs.rbx;

    state->regs.rax =
        hypercalls_perform(&vcpu->machine->hypercalls, vcpu->fd, call, gpa, cpl(vcpu));
    vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_REGS;
}

static void write_port(struct vcpu *vcpu, const uint8_t *data, size_t bytes)
{
    struct machine *machine = vcpu->machine;
    const uint16_t port = vcpu->run->io.port;
    const uint32_t value = value_written(vcpu->run, data);

    if (port == HF_PORT_CALL) {
        /* A call is one write of 32 bits; anything else is no call at all. */
        const bool is_call = vcpu->run->io.size == 4 && vcpu->run->io.count == 1;
        hypercall(vcpu, is_call ? value : 0);
    } else if (port >= SERIAL_PORT && port < SERIAL_PORT + SERIAL_PORTS) {
        pthread_mutex_lock(&machine->serial_lock);
        serial_write(&machine->serial, (uint8_t)(port - SERIAL_PORT), data, bytes);
        pthread_mutex_unlock(&machine->serial_lock);
    } else if (port == HF_PORT_EXIT && cpl(vcpu) == 0) {
        lifecycle_end(machine, MACHINE_GUEST_EXIT, (uint8_t)value);
    } else if ((port == PORT_RESET && (value & RESET_NOW) != 0) ||
               (port == PORT_KEYBOARD && (value & 0xff) == KEYBOARD_PULSES_CPU)) {
        lifecycle_request_reset(machine);
    }
}

static void read_port(struct vcpu *vcpu, uint8_t *data, size_t bytes)
{
    struct machine *machine = vcpu->machine;
    const uint16_t port = vcpu->run->io.port;
    const uint32_t width = vcpu->run->io.size;

    memset(data, 0xff, bytes);
    if (port == HF_PORT_CALL) {
        /* Calls are made by writing. */
        const uint32_t answer = HF_UNKNOWN_CALL;
        for (size_t at = 0; at + width <= bytes; at += width)
            memcpy(data + at, &answer, width);
    } else if (port >= SERIAL_PORT && port < SERIAL_PORT + SERIAL_PORTS) {
        pthread_mutex_lock(&machine->serial_lock);
        for (size_t at = 0; at < bytes; at += width)
            data[at] = serial_read(&machine->serial, (uint8_t)(port - SERIAL_PORT));
        pthread_mutex_unlock(&machine->serial_lock);
    } else if (port == PORT_RESET) {
        memset(data, 0, bytes);
    }
}

void vcpu_port_access(struct vcpu *vcpu)
{
    struct kvm_run *run = vcpu->run;
    uint8_t *data = (uint8_t *)run + run->io.data_offset;
    const size_t bytes = (size_t)run->io.size * run->io.count;

    if (run->io.direction == KVM_EXIT_IO_OUT)
        write_port(vcpu, data, bytes);
    else
        read_port(vcpu, data, bytes);
}
