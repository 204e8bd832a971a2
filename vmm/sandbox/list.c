/* SPDX-License-Identifier: MIT
 * The tables, one behind the other, and as people read them. */
#include "rule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct sandbox_table *const tables[SANDBOX_THREADS] = {
    [SANDBOX_VCPU] = &sandbox_vcpu,
    [SANDBOX_RESET] = &sandbox_reset,
    [SANDBOX_CONSOLE_INPUT] = &sandbox_console_input,
    [SANDBOX_CLOCK] = &sandbox_clock,
    [SANDBOX_CONTROL] = &sandbox_control,
    [SANDBOX_WORKER] = &sandbox_worker,
    [SANDBOX_BALLAST] = &sandbox_ballast,
    [SANDBOX_TELLER] = &sandbox_teller,
    [SANDBOX_MONITOR] = &sandbox_monitor,
    [SANDBOX_CORE_FILE] = &sandbox_core_file,
    [SANDBOX_OVERDUE] = &sandbox_overdue,
    [SANDBOX_WATCHDOG] = &sandbox_watchdog,
    [SANDBOX_MAIN] = &sandbox_main,
};

const struct sandbox_table *sandbox_table_of(enum sandbox_thread thread)
{
    return tables[thread];
}

const struct sandbox_rule *sandbox_rule_at(enum sandbox_thread thread, size_t index)
{
    const struct sandbox_table *all[] = {tables[thread], &sandbox_every_thread,
                                         &sandbox_sanitizers};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (index < all[i]->count)
            return &all[i]->rules[index];
        index -= all[i]->count;
    }
    return NULL;
}

static void print_place(unsigned place, const char *before)
{
    static const char *const places[] = {"inside the arena", "inside RAM", "inside the ballast",
                                         "outside the arena"};
    const char *between = before[0] == '\0' ? " " : ", ";

    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        if ((place & 1u << i) == 0)
            continue;
        printf("%s%s", between, places[i]);
        between = " or ";
    }
}

static void print_rule(const struct sandbox_rule *rule)
{
    const char *between = "";

    printf("%s", rule->name);
    for (unsigned i = 0; i < SANDBOX_CONDITIONS; i++) {
        if (rule->conditions[i].match == MATCH_ANY)
            continue;
        printf("%s %s", between, rule->conditions[i].text);
        between = ",";
    }
    print_place(rule->place, between);
    printf(": %s%s\n", rule->is_refused ? "fails with EPERM: " : "", rule->reason);
}

static void print_table(const struct sandbox_table *table)
{
    printf("%s\n", table->name);
    for (size_t i = 0; i < table->count; i++) {
        printf("  ");
        print_rule(&table->rules[i]);
    }
}

bool sandbox_print_list(void)
{
    print_table(&sandbox_every_thread);
    for (size_t i = 0; i < SANDBOX_THREADS; i++)
        print_table(tables[i]);
    if (sandbox_sanitizers.count > 0)
        print_table(&sandbox_sanitizers);
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}
