/* SPDX-License-Identifier: MIT
 * Accesses to I/O ports of every width, while keys come in and the host's clock is set: the 16550A,
 * the CMOS and its clock, ACPI's registers, the keyboard controller, panic and exit. FIFO and
 * answers keep their bounds, interrupt lines are as their devices say, the console gets what was
 * sent and nothing else, and the machine ends only by a port that ends it. */
#include "vmm/machine/ports.h"
#include "holdfast/abi.h"
#include "ports_host.h"
#include "target.h"
#include "tests/unit/chance.h"
#include "vmm/devices/panic.h"
#include "vmm/machine/board.h"
#include "vmm/machine/clock.h"
#include "vmm/machine/input.h"
#include "vmm/machine/vcpu.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#define CANARY 0xc5u

static struct {
    struct kvm_run run;
    uint8_t data[PAGE_BYTES];
} shared; /* what a vCPU's thread and KVM have in common */

static struct kvm kvm = {.vm_fd = -1};
static struct machine machine;
static struct vcpu vcpu;
static uint64_t accesses, bytes_sent, ends;

/* ---- the guest ---- */

static uint16_t any_port(void)
{
    static const uint16_t ports[] = {
        HF_PORT_EXIT,
        PANIC_PORT,
        POWER_EVENT_PORT,
        POWER_EVENT_PORT + 2,
        POWER_CONTROL_PORT,
        POWER_PORT_END,
        RESET_PORT,
        KEYBOARD_DATA_PORT,
        KEYBOARD_PORT,
        KEYBOARD_A20_PORT,
        0x1f7,
        0x3da,
        0x3f4,
        HF_PORT_CALL,
    };

    switch (below(4)) {
    case 0:
        return (uint16_t)(SERIAL_PORT + below(SERIAL_PORTS));
    case 1:
        return (uint16_t)(CMOS_INDEX_PORT + below(2));
    case 2:
        return ports[below(sizeof ports / sizeof ports[0])];
    default:
        return (uint16_t)below(65536);
    }
}

/* Whether a write may end the machine, as ring 0 or not. */
static bool may_end(uint16_t port, uint8_t ring)
{
    return (port == HF_PORT_EXIT && ring == 0) || port == POWER_CONTROL_PORT ||
           port == RESET_PORT || port == PANIC_PORT || keyboard_has_port(port);
}

static void check_devices(void)
{
    assert_true(machine.serial.received_count <= SERIAL_FIFO);
    assert_int_equal(line[SERIAL_IRQ], serial_interrupts(&machine.serial));
    assert_int_equal(line[POWER_IRQ], power_interrupts(&machine.power));
    assert_int_equal(line[CMOS_IRQ], machine.clock_line);
    assert_true(machine.cmos.index < CMOS_BYTES);
}

/* What the serial port is to have sent. */
static void check_sent(const uint8_t *data, size_t bytes, uint32_t width, bool sends)
{
    size_t at = 0;

    for (size_t from = 0; sends && from < bytes; from += width)
        assert_int_equal(sent[at++], data[from]);
    assert_int_equal(sent_bytes, at);
    bytes_sent += at;
    sent_bytes = 0;
}

static void write_port(size_t bytes, uint32_t width, uint8_t ring)
{
    const uint16_t port = shared.run.io.port;
    const bool sends =
        port == SERIAL_PORT && (machine.serial.lcr & 0x80) == 0 && (machine.serial.mcr & 0x10) == 0;
    uint8_t before[PAGE_BYTES];

    if (port == HF_PORT_CALL)
        return; /* another target's */
    for (size_t i = 0; i < bytes; i++)
        shared.data[i] = i < 8 ? (uint8_t)below(256) : (uint8_t)i;
    memcpy(before, shared.data, sizeof before);
    vcpu_port_access(&vcpu);
    assert_memory_equal(before, shared.data, sizeof before);
    check_sent(before, bytes, width, sends);
    assert_true((!machine.ended && machine.hold == 0) || may_end(port, ring));
    if (machine.ended && port == HF_PORT_EXIT)
        assert_int_equal(machine.guest_status, before[0]);
}

static void read_port(size_t bytes)
{
    static uint8_t untouched[PAGE_BYTES];

    memset(untouched, CANARY, sizeof untouched);
    memset(shared.data, CANARY, sizeof shared.data);
    vcpu_port_access(&vcpu);
    assert_int_equal(memcmp(shared.data + bytes, untouched + bytes, sizeof untouched - bytes), 0);
    assert_false(machine.ended);
    assert_int_equal(sent_bytes, 0);
}

static void access_port(bool out)
{
    const uint32_t width = 1u << below(3);
    const uint32_t count = one_in(8) ? 1 + (uint32_t)below(PAGE_BYTES / 4) : 1;
    const uint8_t ring = one_in(4) ? 3 : 0;

    shared.run.io.direction = out ? KVM_EXIT_IO_OUT : KVM_EXIT_IO_IN;
    shared.run.io.port = any_port();
    shared.run.io.size = (uint8_t)width;
    shared.run.io.count = count;
    shared.run.io.data_offset = (uint64_t)(shared.data - (uint8_t *)&shared.run);
    shared.run.s.regs.sregs.ss.dpl = ring;
    if (out)
        write_port((size_t)width * count, width, ring);
    else
        read_port((size_t)width * count);
    accesses++;
}

/* ---- the world around it ---- */

/* Bytes come in at the console, of which the input thread takes what the driver wants. */
static void type(void)
{
    while (key_count < KEYS_MOST && !one_in(4))
        keys[key_count++] = (uint8_t)below(256);
    if (serial_wants_input(&machine.serial))
        serial_take_input(&machine.serial);
    input_drive_serial_line(&machine);
}

static void reset_devices(void)
{
    serial_reset(&machine.serial);
    power_reset(&machine.power);
    keyboard_reset(&machine.keyboard);
    clock_reset(&machine);
    input_drive_serial_line(&machine);
    input_drive_power_line(&machine);
}

/* The clock once more, by a time that is not the host's. */
static void move_clock(struct cmos *cmos, int64_t *now)
{
    switch (below(8)) {
    case 0:
        *now += (int64_t)below(1u << 16) * SECOND * (one_in(2) ? -1 : 86400);
        break;
    case 1:
        *now = cmos_next(cmos, *now) != INT64_MAX ? cmos_next(cmos, *now) : *now + 1;
        break;
    default:
        *now += (int64_t)below(1u << 16) * (one_in(2) ? 1000 : 1000000);
    }
    if (*now < 0 || *now > INT64_MAX / 4)
        *now = 0;
    if (one_in(4))
        cmos_read(cmos, (uint8_t)below(2), *now);
    else {
        cmos_write(cmos, 0, (uint8_t)below(one_in(4) ? 256 : 14), *now);
        cmos_write(cmos, 1, (uint8_t)below(256), *now);
    }
    assert_true(cmos_next(cmos, *now) > *now);
    const bool high = cmos_interrupts(cmos, *now);
    assert_int_equal(cmos_interrupts(cmos, *now), high);
}

static void begin(void)
{
    static const enum machine_action actions[] = {MACHINE_EXITS, MACHINE_RESETS, MACHINE_PAUSES};

    machine.policy = (struct machine_policy){actions[below(3)], actions[below(3)],
                                             actions[below(3)], actions[below(3)], MACHINE_EXITS};
    key_count = 0;
    memset(&machine.cmos, 0, sizeof machine.cmos);
    machine.absent_reads = 0;
    reset_devices();
}

/* As after a reset, or a resume. */
static void go_on(void)
{
    ends += machine.ended;
    machine.ended = false;
    machine.hold = 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    machine = (struct machine){.kvm = &kvm, .clock_fd = -1};
    machine.input_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    machine.end_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&machine.lock, NULL);
    pthread_mutex_init(&machine.devices_lock, NULL);
    pthread_cond_init(&machine.changed, NULL);
    vcpu = (struct vcpu){.machine = &machine, .run = &shared.run, .fd = -1};
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cmos cmos = {0};
    int64_t now = 0;

    chance_take_input(bytes, size);
    begin();
    cmos_reset(&cmos, now);
    while (chance_left > 0) {
        switch (below(8)) {
        case 0:
            type();
            break;
        case 1:
            move_clock(&cmos, &now);
            break;
        case 2:
            machine_press_power_button(&machine);
            break;
        case 3:
            reset_devices();
            break;
        case 4:
        case 5:
            access_port(false);
            break;
        default:
            access_port(true);
        }
        check_devices();
        go_on();
    }
    return 0;
}

void fuzz_reached(void)
{
    printf("%llu accesses, %llu bytes sent, %llu keys taken, %llu ends\n",
           (unsigned long long)accesses, (unsigned long long)bytes_sent,
           (unsigned long long)keys_taken, (unsigned long long)ends);
    assert_true(bytes_sent > 0 && keys_taken > 0 && ends > 0);
}
