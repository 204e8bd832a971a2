/* SPDX-License-Identifier: MIT
 * The serial port's interrupt line, and the thread that waits for what comes in at the console.
 * It takes nothing in before a driver waits for it: standard input may be meant for others. */
#include "input.h"

#include "board.h"
#include "vmm/devices/console.h"
#include "vmm/log.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How often to look whether the VMM is in the foreground of its terminal again. */
#define FOREGROUND_MS 200

static void set_line(const struct machine *machine, uint32_t irq, bool high)
{
    struct kvm_irq_level level = {.irq = irq, .level = high};

    ioctl(machine->kvm->vm_fd, KVM_IRQ_LINE, &level); /* cannot fail for a line that exists */
}

void input_drive_serial_line(struct machine *machine)
{
    const bool high = serial_interrupts(&machine->serial);

    if (high == machine->serial_line)
        return;
    machine->serial_line = high;
    set_line(machine, SERIAL_IRQ, high);
}

void input_drive_power_line(struct machine *machine)
{
    const bool high = power_interrupts(&machine->power);

    if (high == machine->power_line)
        return;
    machine->power_line = high;
    set_line(machine, POWER_IRQ, high);
}

bool machine_press_power_button(struct machine *machine)
{
    pthread_mutex_lock(&machine->devices_lock);
    const bool heard = power_press(&machine->power);
    input_drive_power_line(machine);
    pthread_mutex_unlock(&machine->devices_lock);
    return heard;
}

void input_wake(struct machine *machine)
{
    const uint64_t one = 1;
    const ssize_t written = write(machine->input_fd, &one, sizeof one);

    (void)written; /* if it is full, the thread is awake */
}

static bool ended(struct machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    const bool result = machine->ended;
    pthread_mutex_unlock(&machine->lock);
    return result;
}

static void take(struct machine *machine)
{
    pthread_mutex_lock(&machine->devices_lock);
    serial_take_input(&machine->serial);
    input_drive_serial_line(machine);
    pthread_mutex_unlock(&machine->devices_lock);
}

void *input_thread(void *argument)
{
    struct machine *machine = argument;
    struct pollfd events[2] = {{.fd = machine->input_fd, .events = POLLIN}, {.events = POLLIN}};
    uint64_t woken;

    sandbox_enter(SANDBOX_CONSOLE_INPUT);
    while (!ended(machine)) {
        pthread_mutex_lock(&machine->devices_lock);
        const bool wanted = serial_wants_input(&machine->serial);
        const int fd = console_input(machine->serial.console);
        const bool background = wanted && console_in_background(machine->serial.console);
        if (background)
            console_lose_terminal(machine->serial.console);
        else if (wanted)
            console_take_terminal(machine->serial.console);
        pthread_mutex_unlock(&machine->devices_lock);

        events[1].fd = wanted && !background ? fd : -1;
        if (poll(events, 2, background ? FOREGROUND_MS : -1) < 0)
            continue;
        if (events[0].revents != 0 && read(machine->input_fd, &woken, sizeof woken) < 0)
            continue;
        if (events[1].fd >= 0 && events[1].revents != 0)
            take(machine);
    }
    return NULL;
}
