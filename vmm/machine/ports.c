/* SPDX-License-Identifier: MIT
 * I/O ports: hypercalls, exit, and which device has which. */
#include "ports.h"

#include "board.h"
#include "clock.h"
#include "ending.h"
#include "holdfast/abi.h"
#include "input.h"
#include "vcpu.h"
#include "vmm/devices/absent.h"
#include "vmm/devices/panic.h"
#include "vmm/log.h"

#include <string.h>

#define EFER_LMA (1u << 10)

#define ABOVE_A_BYTE 0xffffff00u

static struct log_limit panic_lines;

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
        hypercalls_perform(&vcpu->machine->hypercalls, &vcpu->caller, call, gpa, cpl(vcpu));
    vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_REGS;
}

static bool is_serial(uint16_t port)
{
    return port >= SERIAL_PORT && port < SERIAL_PORT + SERIAL_PORTS;
}

static bool is_cmos(uint16_t port)
{
    return port == CMOS_INDEX_PORT || port == CMOS_DATA_PORT;
}

/* The line and the input thread follow what the driver has just changed. devices_lock is held. */
static void serial_changed(struct machine *machine, bool wanted_input)
{
    input_drive_serial_line(machine);
    if (!wanted_input && serial_wants_input(&machine->serial))
        input_wake(machine);
}

/* The registers are bytes: a wider access, for which no driver has a use, reaches the first one. */
static void write_serial(struct machine *machine, uint8_t port, const uint8_t *data, size_t bytes,
                         uint32_t width)
{
    pthread_mutex_lock(&machine->devices_lock);
    const bool wanted = serial_wants_input(&machine->serial);
    if (width == 1)
        serial_write(&machine->serial, port, data, bytes);
    for (size_t at = 0; width > 1 && at < bytes; at += width)
        serial_write(&machine->serial, port, data + at, 1);
    serial_changed(machine, wanted);
    pthread_mutex_unlock(&machine->devices_lock);
}

static void read_serial(struct machine *machine, uint8_t port, uint8_t *data, size_t bytes,
                        uint32_t width)
{
    pthread_mutex_lock(&machine->devices_lock);
    const bool wanted = serial_wants_input(&machine->serial);
    for (size_t at = 0; at < bytes; at += width)
        data[at] = serial_read(&machine->serial, port);
    serial_changed(machine, wanted);
    pthread_mutex_unlock(&machine->devices_lock);
}

static void write_power(struct machine *machine, uint16_t port, uint32_t value, unsigned width)
{
    pthread_mutex_lock(&machine->devices_lock);
    const enum power_request request = power_write(&machine->power, port, value, width);
    input_drive_power_line(machine);
    pthread_mutex_unlock(&machine->devices_lock);
    if (request == POWER_TURNS_OFF)
        ending_follow(machine, MACHINE_POWERED_OFF, 0);
    else if (request == POWER_RESETS)
        ending_follow(machine, MACHINE_REBOOTED, 0);
}

static void write_keyboard(struct machine *machine, uint16_t port, uint8_t value)
{
    pthread_mutex_lock(&machine->devices_lock);
    const bool resets = keyboard_write(&machine->keyboard, port, value);
    pthread_mutex_unlock(&machine->devices_lock);
    if (resets)
        ending_follow(machine, MACHINE_REBOOTED, 0);
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
    } else if (is_serial(port)) {
        write_serial(machine, (uint8_t)(port - SERIAL_PORT), data, bytes, vcpu->run->io.size);
    } else if (port == HF_PORT_EXIT && cpl(vcpu) == 0) {
        ending_follow(machine, MACHINE_GUEST_EXIT, (uint8_t)value);
    } else if (power_has_port(port)) {
        write_power(machine, port, value, vcpu->run->io.size);
    } else if (keyboard_has_port(port)) {
        write_keyboard(machine, port, (uint8_t)value);
    } else if (is_cmos(port)) {
        clock_write(machine, (uint8_t)(port - CMOS_INDEX_PORT), (uint8_t)value);
    } else if (port == PANIC_PORT && (value & PANIC_PANICKED) != 0) {
        log_limited(&panic_lines, "the guest's kernel panicked");
        ending_follow(machine, MACHINE_PANICKED, 0);
    }
}

static uint32_t device_value(struct machine *machine, uint16_t port)
{
    uint32_t value;

    if (port == PANIC_PORT)
        return PANIC_PANICKED;
    if (is_cmos(port))
        return clock_read(machine, (uint8_t)(port - CMOS_INDEX_PORT));
    pthread_mutex_lock(&machine->devices_lock);
    if (power_has_port(port))
        value = power_read(&machine->power, port);
    else if (keyboard_has_port(port))
        value = keyboard_read(&machine->keyboard, port);
    else
        value = ABOVE_A_BYTE | absent_read(port, &machine->absent_reads);
    pthread_mutex_unlock(&machine->devices_lock);
    return value;
}

static void read_port(struct vcpu *vcpu, uint8_t *data, size_t bytes)
{
    const uint16_t port = vcpu->run->io.port;
    const uint32_t width = vcpu->run->io.size;

    if (is_serial(port)) {
        memset(data, 0xff, bytes);
        read_serial(vcpu->machine, (uint8_t)(port - SERIAL_PORT), data, bytes, width);
        return;
    }
    /* Calls are made by writing. */
    uint32_t value = port == HF_PORT_CALL ? HF_UNKNOWN_CALL : device_value(vcpu->machine, port);
    for (size_t at = 0; at + width <= bytes; at += width)
        memcpy(data + at, &value, width);
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
