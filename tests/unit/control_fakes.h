/* SPDX-License-Identifier: MIT
 * The arena, the machine and the log made up, as the control service sees them. A test program that
 * includes this is linked with these in place of the real ones. */
#ifndef HOLDFAST_TESTS_CONTROL_FAKES_H
#define HOLDFAST_TESTS_CONTROL_FAKES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/arena/accounts.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/drill.h"
#include "vmm/arena/look.h"
#include "vmm/arena/operators.h"
#include "vmm/arena/rescues.h"
#include "vmm/control/control.h"
#include "vmm/log.h"
#include "vmm/machine/machine.h"
#include "vmm/wire/protocol.h"

#define FAKE_ARENA_PAGE  0x100000u
#define FAKE_ARENA_PAGES 0x40000u
#define FAKE_WINDOWS     1300u

/* What the fakes answer, and what they were asked. */
static struct {
    _Atomic enum machine_state state;
    _Atomic unsigned stops;
    _Atomic unsigned changes; /* of objects, that the machine was told of */
    _Atomic unsigned windows_asked;
    bool attach_fails;
    _Atomic bool attach_hangs; /* a file that does not answer */
    _Atomic int attached_file;
    struct object_spec attached;
    _Atomic bool pause_hangs;
    unsigned presses; /* of the power button */
    bool listens;
    enum arena_detach detach;
    bool detach_forced;
    const char *object_source;
    uint32_t quota_tag;
    struct tag_amounts quota;
    bool quota_fails;
    uint32_t tags;    /* so many, all numbers as large as can be */
    uint32_t rescues; /* the same */
    enum arena_drill drill;
    uint32_t drill_primitives;
    uint32_t drill_failures;
    _Atomic bool drill_runs;
    _Atomic unsigned drill_ends;
} fake = {.state = MACHINE_RUNNING, .object_source = "/images/disk"};

static inline void fake_reset(void)
{
    fake.state = MACHINE_RUNNING;
    fake.stops = 0;
    fake.changes = 0;
    fake.windows_asked = 0;
    fake.attach_fails = false;
    fake.attach_hangs = false;
    fake.attached_file = -1;
    fake.attached = (struct object_spec){0};
    fake.pause_hangs = false;
    fake.presses = 0;
    fake.listens = true;
    fake.detach = ARENA_DETACHED;
    fake.detach_forced = false;
    fake.object_source = "/images/disk";
    fake.quota_tag = 0;
    fake.quota = (struct tag_amounts){0};
    fake.quota_fails = false;
    fake.tags = 2;
    fake.rescues = 0;
    fake.drill = ARENA_DRILL_BEGUN;
    fake.drill_primitives = 0;
    fake.drill_failures = 0;
    fake.drill_runs = false;
    fake.drill_ends = 0;
}

static struct setting fake_settings[] = {{"memory", "67108864"}, {"append", "\xc3("}};

static const struct control_config fake_config = {
    .settings = {fake_settings, 2},
    .name = "web",
    .version = "1.2.3",
    .kernel = "/boot/kernel",
    .append = "quiet",
    .console = "stdio",
    .vcpus = 2,
    .features = HF_FEATURE_PIO,
    .memory_bytes = 64 << 20,
    .arena_base = (uint64_t)FAKE_ARENA_PAGE << HF_PAGE_SHIFT,
    .arena_pages = FAKE_ARENA_PAGES,
};

/* ---- arena ---- */

void arena_count(struct arena *arena, uint32_t *windows, uint32_t *objects)
{
    (void)arena;
    *windows = FAKE_WINDOWS;
    *objects = 2;
}

void arena_counters(struct arena *arena, struct arena_counters *counters)
{
    (void)arena;
    *counters = (struct arena_counters){
        .totals = {.arena_pages = FAKE_ARENA_PAGES, .windows = FAKE_WINDOWS, .maps = 21},
        .base = (uint64_t)FAKE_ARENA_PAGE << HF_PAGE_SHIFT,
        .calls = 34,
        .refusals = 91,
        .rescued = 92,
        .host_failures = 93,
        .flushes = 94,
        .discards = 95,
        .io_errors = 96,
        .prefault = true,
    };
}

/* Window i has 2 pages at every fourth page. */
uint32_t arena_windows(struct arena *arena, uint64_t from, struct window_state *states,
                       uint32_t room)
{
    uint32_t count = 0;
    (void)arena;
    fake.windows_asked++;
    for (uint32_t i = 0; i < FAKE_WINDOWS && count < room; i++) {
        uint64_t page = FAKE_ARENA_PAGE + 4 * (uint64_t)i;
        if (page >= from)
            states[count++] = (struct window_state){
                .handle = UINT64_MAX - i, .arena_page = page, .pages = 2, .tag = i};
    }
    return count;
}

void arena_picture(struct arena *arena, struct arena_cell *cells, uint32_t count)
{
    (void)arena;
    for (uint32_t i = 0; i < count; i++)
        cells[i] = (struct arena_cell){UINT64_MAX, UINT64_MAX, UINT64_MAX};
}

uint32_t arena_objects(struct arena *arena, struct object_state *states, uint32_t room)
{
    (void)arena;
    for (uint32_t i = 0; i < room; i++) {
        states[i] = (struct object_state){.id = i + 1, .bytes = UINT64_MAX, .kind = "file"};
        memset(states[i].name, 'n', sizeof states[i].name - 1);
        strncpy(states[i].source, fake.object_source, sizeof states[i].source - 1);
    }
    return room;
}

int arena_attach(struct arena *arena, const struct object_spec *spec, struct made_file *new_file,
                 struct error *error)
{
    (void)arena;
    assert_null(new_file);
    fake.attached = *spec;
    return fake.attach_fails ? error_set(error, "cannot open \xff") : 0;
}

int arena_attach_file(struct arena *arena, const struct object_spec *spec, int fd,
                      struct error *error)
{
    (void)arena;
    close(fd);
    if (fake.attach_hangs) { /* several at once */
        while (fake.attach_hangs)
            usleep(1000);
        return 0;
    }
    fake.attached = *spec;
    fake.attached_file = fd;
    return fake.attach_fails ? error_set(error, "cannot open \xff") : 0;
}

enum arena_detach arena_detach(struct arena *arena, const char *name, bool force)
{
    (void)arena;
    (void)name;
    fake.detach_forced = force;
    return fake.detach;
}

void arena_accounts(struct arena *arena, struct arena_accounts *accounts)
{
    (void)arena;
    *accounts = (struct arena_accounts){
        .mode = GUARANTEE_STRICT,
        .met = HF_GUARANTEE_BALLAST,
        .arena = {1, 2, 3},
        .vmas = {4, 5, 6},
        .tables = {7, 8, 9},
        .ballast = {10, 11, 12},
        .windows = {13, 14, 15},
        .extents = {16, 17, 18},
        .vmas_process = {.most = 19, .elsewhere = 20, .margin = 21},
        .ballast_taken = 22,
        .times_lent = 23,
        .extent_cost = 24,
        .extent_measured = 25,
    };
}

int arena_set_quota(struct arena *arena, uint32_t tag, const struct tag_amounts *quota,
                    struct error *error)
{
    (void)arena;
    fake.quota_tag = tag;
    fake.quota = *quota;
    return fake.quota_fails ? error_set(error, "no room") : 0;
}

uint32_t arena_tags(struct arena *arena, uint32_t from, struct tag_state *states, uint32_t room)
{
    const struct tag_amounts many = {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - 2};
    (void)arena;
    (void)from;
    for (uint32_t i = 0; i < fake.tags && i < room; i++)
        states[i] = (struct tag_state){
            UINT32_MAX - fake.tags + i, many, many, many, UINT64_MAX, UINT64_MAX - 3, UINT64_MAX};
    return fake.tags < room ? fake.tags : room;
}

uint32_t arena_rescues(struct arena *arena, struct arena_rescue *rescues, uint32_t room,
                       uint32_t *all)
{
    (void)arena;
    *all = fake.rescues;
    for (uint32_t i = 0; i < fake.rescues && i < room; i++)
        rescues[i] = (struct arena_rescue){
            .call = "REMAP",
            .since_ns = 1,
            .waited_ns = UINT64_MAX,
            .window = UINT64_MAX - i,
            .address = UINT64_MAX - 1,
            .tag = UINT32_MAX,
            .attempts = UINT32_MAX - 1,
            .system_call = "KVM_PRE_FAULT_MEMORY",
            .error = ENOMEM,
        };
    return fake.rescues < room ? fake.rescues : room;
}

enum arena_drill arena_drill_begin(struct arena *arena, uint32_t primitives, uint32_t failures)
{
    (void)arena;
    fake.drill_primitives = primitives;
    fake.drill_failures = failures;
    fake.drill_runs = fake.drill == ARENA_DRILL_BEGUN;
    return fake.drill;
}

void arena_drill_end(struct arena *arena)
{
    (void)arena;
    fake.drill_runs = false;
    fake.drill_ends++;
}

void arena_drill_report(struct arena *arena, struct arena_drill_report *report)
{
    (void)arena;
    *report = (struct arena_drill_report){
        .running = fake.drill_runs,
        .asked = {[PRIMITIVE_MAP] = 5, [PRIMITIVE_RUN] = 6},
        .done = {[PRIMITIVE_MAP] = 4},
        .calls = 31,
        .failed = 32,
        .refusals = 33,
        .rescued = 34,
        .longest_ns = 35999,
    };
}

const uint64_t latency_bounds[LATENCY_BOUNDS] = {1000, 2000, [LATENCY_BOUNDS - 1] = UINT64_MAX};

const char *latency_name(enum latency_call call)
{
    static const char *const names[] = {"MAP", "UNMAP", "REMAP"};

    return names[call];
}

void arena_look(struct arena *arena, struct arena_look *look, struct tag_state *tags, uint32_t room)
{
    arena_accounts(arena, &look->accounts);
    arena_counters(arena, &look->counters);
    look->tags = arena_tags(arena, 0, tags, room);
    for (uint32_t i = 0; i < LATENCY_CALLS; i++) {
        for (uint32_t j = 0; j <= LATENCY_BOUNDS; j++)
            look->latency[i].count[j] = UINT64_MAX - j;
        look->latency[i].sum_ns = 97 + i;
    }
}

/* ---- machine ---- */

static inline bool fake_change(enum machine_state state)
{
    if (fake.state == MACHINE_ENDED)
        return false;
    fake.state = state;
    return true;
}

bool machine_pause(struct machine *machine)
{
    (void)machine;
    while (fake.pause_hangs)
        usleep(1000);
    return fake_change(MACHINE_PAUSED);
}

bool machine_resume(struct machine *machine)
{
    (void)machine;
    return fake_change(MACHINE_RUNNING);
}

bool machine_reset(struct machine *machine)
{
    (void)machine;
    return fake_change(fake.state);
}

void machine_stop(struct machine *machine)
{
    (void)machine;
    fake.stops++;
}

void machine_objects_changed(struct machine *machine)
{
    (void)machine;
    fake.changes++;
}

bool machine_press_power_button(struct machine *machine)
{
    (void)machine;
    fake.presses++;
    return fake.listens;
}

bool machine_waits(struct machine *machine, enum machine_end *how)
{
    (void)machine;
    *how = MACHINE_POWERED_OFF;
    return false;
}

enum machine_state machine_state(struct machine *machine)
{
    (void)machine;
    return fake.state;
}

void machine_counters(struct machine *machine, struct machine_counters *counters)
{
    (void)machine;
    *counters = (struct machine_counters){.exits = 55, .resets = 1};
}

/* ---- log ---- */

void log_line(const char *format, ...)
{
    (void)format;
}

void log_limited(struct log_limit *limit, const char *format, ...)
{
    (void)limit;
    (void)format;
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
