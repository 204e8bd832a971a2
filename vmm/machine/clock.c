/* SPDX-License-Identifier: MIT
 * The clock's interrupt line, and the thread that raises it in time. It sleeps unless a guest has
 * asked for an interrupt and has read what the last one was for. */
#include "clock.h"

#include "board.h"
#include "input.h"
#include "vmm/memory/stack.h"
#include "vmm/sandbox/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static int64_t host_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

/* Wakes the thread then, or when the host's clock is set. */
static void arm(struct machine *machine, int64_t at)
{
    struct itimerspec when = {0};

    if (at == machine->clock_armed)
        return;
    machine->clock_armed = at;
    if (at != INT64_MAX) {
        when.it_value.tv_sec = at / SECOND;
        when.it_value.tv_nsec = at % SECOND;
    }
    timerfd_settime(machine->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
}

/* The line and the timer follow what has changed. devices_lock is held. */
static void update_line_and_timer(struct machine *machine, int64_t now)
{
    const bool high = cmos_interrupts(&machine->cmos, now);
    const bool alarm = cmos_alarm_interrupts(&machine->cmos);

    if (alarm && !machine->clock_alarm) {
        power_alarm(&machine->power);
        input_drive_power_line(machine);
    }
    machine->clock_alarm = alarm;
    if (high != machine->clock_line) {
        machine->clock_line = high;
        struct kvm_irq_level level = {.irq = CMOS_IRQ, .level = high};
        ioctl(machine->kvm->vm_fd, KVM_IRQ_LINE, &level); /* cannot fail for a line that exists */
    }
    arm(machine, cmos_next(&machine->cmos, now));
}

int clock_open(struct machine *machine, struct error *error)
{
    machine->clock_armed = INT64_MAX;
    machine->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (machine->clock_fd < 0)
        return error_set(error, "timerfd_create: %s", strerror(errno));
    tzset(); /* the C library reads a file before it converts times, and is not to do so later */
    cmos_reset(&machine->cmos, host_time());
    return 0;
}

void clock_write(struct machine *machine, uint8_t offset, uint8_t value)
{
    pthread_mutex_lock(&machine->devices_lock);
    const int64_t now = host_time();
    cmos_write(&machine->cmos, offset, value, now);
    update_line_and_timer(machine, now);
    pthread_mutex_unlock(&machine->devices_lock);
}

uint8_t clock_read(struct machine *machine, uint8_t offset)
{
    pthread_mutex_lock(&machine->devices_lock);
    const int64_t now = host_time();
    const uint8_t value = cmos_read(&machine->cmos, offset, now);
    update_line_and_timer(machine, now);
    pthread_mutex_unlock(&machine->devices_lock);
    return value;
}

void clock_reset(struct machine *machine)
{
    const int64_t now = host_time();

    cmos_reset(&machine->cmos, now);
    update_line_and_timer(machine, now);
}

static void wake_up(struct machine *machine)
{
    uint64_t count;

    /* Nothing to read, or ECANCELED: the host's clock was set, or a guest's access came between. */
    const ssize_t taken = read(machine->clock_fd, &count, sizeof count);
    (void)taken;
    pthread_mutex_lock(&machine->devices_lock);
    machine->clock_armed = -1; /* the timer is not, whatever comes next */
    update_line_and_timer(machine, host_time());
    pthread_mutex_unlock(&machine->devices_lock);
}

void *clock_thread(void *argument)
{
    struct machine *machine = argument;
    struct pollfd events[2] = {{.fd = machine->clock_fd, .events = POLLIN},
                               {.fd = machine->end_fd, .events = POLLIN}};

    stack_set_aside(); /* it takes a lock for which vCPUs wait */
    pthread_setname_np(pthread_self(), "clock");
    sandbox_enter(SANDBOX_CLOCK);
    while (events[1].revents == 0) {
        if (poll(events, 2, -1) > 0 && events[0].revents != 0)
            wake_up(machine);
    }
    return NULL;
}
