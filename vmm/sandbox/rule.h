/* SPDX-License-Identifier: MIT
 * What a filter allows, as data: a table for each kind of thread, in a file of its own. The list
 * that `holdfast-vmm --sandbox-list` prints, the filters and holdfast-sandbox(7) come from here. */
#ifndef HOLDFAST_SANDBOX_RULE_H
#define HOLDFAST_SANDBOX_RULE_H

#include "vmm/sandbox/sandbox.h"

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sandbox_match {
    MATCH_ANY,
    MATCH_INT,     /* the kernel takes the low 32 bits of the argument, which are this value */
    MATCH_LONG,    /* all 64 bits are */
    MATCH_AT_MOST, /* all 64 bits, as a number */
    MATCH_SELF,    /* the number of this process */
};

struct sandbox_condition {
    enum sandbox_match match;
    unsigned argument;
    uint64_t value;
    const char *text; /* for people */
};

/* Where the range of addresses lies that the first argument begins and the second is the length
 * of. */
enum { INSIDE_ARENA = 1, INSIDE_RAM = 2, INSIDE_BALLAST = 4, OUTSIDE_ARENA = 8 };

#define SANDBOX_CONDITIONS 3u

/* Allows a call whose arguments meet all of its conditions. */
struct sandbox_rule {
    int call;
    const char *name;
    struct sandbox_condition conditions[SANDBOX_CONDITIONS];
    unsigned place;  /* in one of these; 0: no matter where */
    bool is_refused; /* the call fails with EPERM, and the thread goes on */
    const char *reason;
};

#define CALL(call_name) .call = SCMP_SYS(call_name), .name = #call_name

#define IS(which, constant)                                                                        \
    {                                                                                              \
        MATCH_INT, which, (uint32_t)(constant), #constant                                          \
    }
#define IS_LONG(which, constant)                                                                   \
    {                                                                                              \
        MATCH_LONG, which, (uint64_t)(constant), #constant                                         \
    }
#define AT_MOST(which, number, text)                                                               \
    {                                                                                              \
        MATCH_AT_MOST, which, number, "at most " text                                              \
    }
/* Of ioctl(2). */
#define REQUEST(constant) REQUEST_NAMED(constant, #constant)
#define REQUEST_NAMED(constant, name)                                                              \
    {                                                                                              \
        MATCH_LONG, 1, (uint64_t)(constant), name                                                  \
    }
#define IS_NULL(which)                                                                             \
    {                                                                                              \
        MATCH_LONG, which, 0, "NULL"                                                               \
    }
#define IS_OWN_PROCESS(which)                                                                      \
    {                                                                                              \
        MATCH_SELF, which, 0, "the VMM's process"                                                  \
    }

struct sandbox_table {
    const char *name;
    const struct sandbox_rule *rules;
    size_t count;
};

#define TABLE(table_name, table_rules)                                                             \
    {                                                                                              \
        .name = (table_name), .rules = (table_rules),                                              \
        .count = sizeof(table_rules) / sizeof(table_rules)[0]                                      \
    }

extern const struct sandbox_table sandbox_every_thread; /* holds for all of them, besides */
extern const struct sandbox_table sandbox_sanitizers;   /* in a build with them; else empty */
extern const char *const sandbox_sanitizers_read; /* what they read at the end; NULL: nothing */

extern const struct sandbox_table sandbox_vcpu;
extern const struct sandbox_table sandbox_reset;
extern const struct sandbox_table sandbox_console_input;
extern const struct sandbox_table sandbox_clock;
extern const struct sandbox_table sandbox_control;
extern const struct sandbox_table sandbox_worker;
extern const struct sandbox_table sandbox_ballast;
extern const struct sandbox_table sandbox_teller;
extern const struct sandbox_table sandbox_monitor;
extern const struct sandbox_table sandbox_core_file;
extern const struct sandbox_table sandbox_overdue;
extern const struct sandbox_table sandbox_watchdog;
extern const struct sandbox_table sandbox_main;

/* The table of a kind of thread. */
const struct sandbox_table *sandbox_table_of(enum sandbox_thread thread);

/* The rules of a kind of thread, one after the other: its own, those of every thread, those of the
 * sanitizers. NULL: there are no more. */
const struct sandbox_rule *sandbox_rule_at(enum sandbox_thread thread, size_t index);

#endif
