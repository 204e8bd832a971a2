/* SPDX-License-Identifier: MIT
 * /dev/rtc0 as the kernel's own tests of it use it: reading, setting, update and alarm interrupts.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/rtc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define expect(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("line %d: not so: %s (errno %d)\n", __LINE__, #condition, errno);               \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static int fd;

static time_t read_clock(void)
{
    struct rtc_time time;

    expect(ioctl(fd, RTC_RD_TIME, &time) == 0);
    struct tm utc = {.tm_sec = time.tm_sec,
                     .tm_min = time.tm_min,
                     .tm_hour = time.tm_hour,
                     .tm_mday = time.tm_mday,
                     .tm_mon = time.tm_mon,
                     .tm_year = time.tm_year};
    return timegm(&utc);
}

static struct rtc_time rtc_time_of(time_t seconds)
{
    struct tm utc;

    gmtime_r(&seconds, &utc);
    return (struct rtc_time){.tm_sec = utc.tm_sec,
                             .tm_min = utc.tm_min,
                             .tm_hour = utc.tm_hour,
                             .tm_mday = utc.tm_mday,
                             .tm_mon = utc.tm_mon,
                             .tm_year = utc.tm_year};
}

/* Waits for an interrupt, for so many seconds, and reads what it was. 0: none has come. */
static unsigned long interrupt_within(int seconds)
{
    struct timeval limit = {.tv_sec = seconds};
    unsigned long data = 0;
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    if (select(fd + 1, &set, NULL, NULL, &limit) == 1)
        expect(read(fd, &data, sizeof data) == sizeof data);
    return data;
}

static void date_read(void)
{
    const time_t now = time(NULL), clock = read_clock();

    expect(clock > now - 60 && clock < now + 60);
}

/* Read all the time, it moves by whole seconds and never back. */
static void date_read_loop(void)
{
    time_t before = read_clock();
    const time_t end = before + 4;

    while (before < end) {
        const time_t now = read_clock();
        expect(now == before || now == before + 1);
        before = now;
        usleep(11000);
    }
}

static void update_read(void)
{
    unsigned long data;

    expect(ioctl(fd, RTC_UIE_ON) == 0);
    for (int i = 0; i < 3; i++) {
        expect(read(fd, &data, sizeof data) == sizeof data);
        expect((data & RTC_UF) != 0);
    }
    expect(ioctl(fd, RTC_UIE_OFF) == 0);
}

static void update_select(void)
{
    expect(ioctl(fd, RTC_UIE_ON) == 0);
    for (int i = 0; i < 3; i++)
        expect(interrupt_within(10) != 0);
    expect(ioctl(fd, RTC_UIE_OFF) == 0);
}

static void alarm_set(void)
{
    const time_t when = read_clock() + 2;
    struct rtc_time alarm = rtc_time_of(when);

    expect(ioctl(fd, RTC_ALM_SET, &alarm) == 0);
    expect(ioctl(fd, RTC_AIE_ON) == 0);
    expect((interrupt_within(20) & RTC_AF) != 0);
    expect(ioctl(fd, RTC_AIE_OFF) == 0);
    expect(read_clock() >= when && read_clock() < when + 10);
}

static void wake_alarm_set(void)
{
    const time_t when = read_clock() + 2;
    struct rtc_wkalrm alarm = {.time = rtc_time_of(when), .enabled = 1};

    expect(ioctl(fd, RTC_WKALM_SET, &alarm) == 0);
    memset(&alarm, 0, sizeof alarm);
    expect(ioctl(fd, RTC_WKALM_RD, &alarm) == 0);
    expect(alarm.enabled == 1 && alarm.time.tm_sec == rtc_time_of(when).tm_sec);
    expect((interrupt_within(20) & RTC_AF) != 0);
    expect(ioctl(fd, RTC_AIE_OFF) == 0);
    expect(read_clock() >= when && read_clock() < when + 10);
}

static void wake_alarm_over_a_minute(void)
{
    time_t now = read_clock();
    struct rtc_time near = rtc_time_of(now - now % 60 + 58);

    expect(ioctl(fd, RTC_SET_TIME, &near) == 0);
    now = read_clock();
    struct rtc_wkalrm alarm = {.time = rtc_time_of(now + 4), .enabled = 1};
    expect(ioctl(fd, RTC_WKALM_SET, &alarm) == 0);
    expect((interrupt_within(20) & RTC_AF) != 0);
    expect(ioctl(fd, RTC_AIE_OFF) == 0);
    expect(read_clock() >= now + 4);
}

static void it_can_be_set(void)
{
    const time_t then = 951782398; /* 2000-02-28 23:59:58, before a 29th */
    const time_t before = read_clock();
    struct rtc_time time = rtc_time_of(then);

    expect(ioctl(fd, RTC_SET_TIME, &time) == 0);
    expect(read_clock() >= then && read_clock() < then + 30);
    sleep(3);
    expect(read_clock() >= then + 2 && read_clock() < then + 30);
    expect(ioctl(fd, RTC_RD_TIME, &time) == 0);
    expect(time.tm_mday == 29 && time.tm_mon == 1 && time.tm_year == 100);
    time = rtc_time_of(before);
    expect(ioctl(fd, RTC_SET_TIME, &time) == 0);
}

#define RUN(test) (test(), printf("%s passed\n", #test), (void)fflush(stdout))

int main(void)
{
    fd = open("/dev/rtc0", O_RDONLY);
    expect(fd >= 0);
    RUN(date_read);
    RUN(date_read_loop);
    RUN(update_read);
    RUN(update_select);
    RUN(alarm_set);
    RUN(wake_alarm_set);
    RUN(wake_alarm_over_a_minute);
    RUN(it_can_be_set);
    return 0;
}
