/* SPDX-License-Identifier: MIT
 * In place of KVM's interrupt controllers, of the clock's timer and of the console. */
#ifndef HOLDFAST_FUZZ_PORTS_HOST_H
#define HOLDFAST_FUZZ_PORTS_HOST_H

#include "vmm/devices/console.h"
#include "vmm/log.h"

#include <linux/kvm.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>

#include <cmocka.h>

#define PAGE_BYTES 4096u
#define KEYS_MOST  64u
#define LINES      16u
#define SECOND     1000000000

static bool line[LINES];         /* as the interrupt controllers have it */
static uint8_t sent[PAGE_BYTES]; /* to the console, since it was looked at */
static size_t sent_bytes;
static uint8_t keys[KEYS_MOST]; /* that the console has */
static size_t key_count;
static uint64_t keys_taken;

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;

    (void)fd;
    assert_int_equal(request, KVM_IRQ_LINE);
    va_start(rest, request);
    const struct kvm_irq_level *level = va_arg(rest, struct kvm_irq_level *);
    va_end(rest);
    assert_true(level->irq < LINES);
    line[level->irq] = level->level != 0;
    return 0;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
    (void)fd, (void)flags, (void)old;
    assert_true(when->it_value.tv_sec >= 0);
    assert_in_range(when->it_value.tv_nsec, 0, SECOND - 1);
    return 0;
}

void console_write(struct console *console, const uint8_t *bytes, size_t count)
{
    (void)console;
    assert_true(count <= sizeof sent - sent_bytes);
    memcpy(sent + sent_bytes, bytes, count);
    sent_bytes += count;
}

bool console_read(struct console *console, uint8_t *byte)
{
    (void)console;
    if (key_count == 0)
        return false;
    *byte = keys[0];
    memmove(keys, keys + 1, --key_count);
    keys_taken++;
    return true;
}

int console_input(const struct console *console)
{
    (void)console;
    return -1;
}

bool console_in_background(const struct console *console)
{
    (void)console;
    return false;
}

void console_take_terminal(const struct console *console)
{
    (void)console;
}

void console_lose_terminal(const struct console *console)
{
    (void)console;
}

void log_line(const char *format, ...)
{
    (void)format;
}

void log_limited(struct log_limit *limit, const char *format, ...)
{
    (void)limit, (void)format;
}

void log_line_about(const struct log_about *about, const char *format, ...)
{
    (void)about, (void)format;
}

void log_limited_about(struct log_limit *limit, const struct log_about *about, const char *format,
                       ...)
{
    (void)limit, (void)about, (void)format;
}

const struct log_about log_error, log_warning;

#endif
