/* SPDX-License-Identifier: MIT
 * Classic BPF as the kernel takes it: words of 32 bits, an accumulator, an index register, jumps
 * forward only, and conditional ones no farther than 255 instructions. */
#include "bounds.h"

#include "rule.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <unistd.h>

#define NEXT   0u    /* the instruction behind a jump */
#define FAILED 0xffu /* the end of a part, put in when that is known */

static void put(struct bounds *bounds, uint16_t code, uint32_t value, unsigned if_true,
                unsigned if_false)
{
    if (bounds->length == BOUNDS_MOST) {
        bounds->is_too_long = true;
        return;
    }
    bounds->code[bounds->length++] =
        (struct sock_filter){code, (uint8_t)if_true, (uint8_t)if_false, value};
}

static void compare(struct bounds *bounds, unsigned how, uint32_t value, unsigned if_true,
                    unsigned if_false)
{
    put(bounds, (uint16_t)(BPF_JMP | how | BPF_K), value, if_true, if_false);
}

/* Has the jumps from here on that go to FAILED lead to the end. */
static void end_part(struct bounds *bounds, unsigned short from)
{
    for (unsigned short i = from; i < bounds->length; i++) {
        struct sock_filter *jump = &bounds->code[i];
        const unsigned short distance = (unsigned short)(bounds->length - i - 1);
        if (BPF_CLASS(jump->code) != BPF_JMP || BPF_OP(jump->code) == BPF_JA)
            continue;
        bounds->is_too_long = bounds->is_too_long || distance >= FAILED;
        jump->jt = jump->jt == FAILED ? (uint8_t)distance : jump->jt;
        jump->jf = jump->jf == FAILED ? (uint8_t)distance : jump->jf;
    }
}

static void load(struct bounds *bounds, size_t offset)
{
    put(bounds, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void load_low(struct bounds *bounds, unsigned argument)
{
    load(bounds, offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t));
}

static void load_high(struct bounds *bounds, unsigned argument)
{
    load(bounds, offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + 4);
}

static uint32_t high(uint64_t value)
{
    return (uint32_t)(value >> 32);
}

static void at_least(struct bounds *bounds, unsigned argument, uint64_t value)
{
    load_high(bounds, argument);
    compare(bounds, BPF_JGT, high(value), 3, NEXT);
    compare(bounds, BPF_JEQ, high(value), NEXT, FAILED);
    load_low(bounds, argument);
    compare(bounds, BPF_JGE, (uint32_t)value, NEXT, FAILED);
}

static void at_most(struct bounds *bounds, unsigned argument, uint64_t value)
{
    load_high(bounds, argument);
    compare(bounds, BPF_JGT, high(value), FAILED, NEXT);
    compare(bounds, BPF_JEQ, high(value), NEXT, 2);
    load_low(bounds, argument);
    compare(bounds, BPF_JGT, (uint32_t)value, FAILED, NEXT);
}

/* The sum of the first two arguments, of which it is known that it has no carry out of 64 bits. */
static void sum_at_most(struct bounds *bounds, uint64_t value)
{
    load_low(bounds, 0);
    put(bounds, BPF_MISC | BPF_TAX, 0, 0, 0);
    load_low(bounds, 1);
    put(bounds, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
    put(bounds, BPF_ST, 0, 0, 0);
    /* Not smaller than what was added to: no carry. */
    put(bounds, BPF_JMP | BPF_JGE | BPF_X, 0, 3, NEXT);
    load_high(bounds, 0);
    put(bounds, BPF_ALU | BPF_ADD | BPF_K, 1, 0, 0);
    put(bounds, BPF_JMP | BPF_JA, 1, 0, 0);
    load_high(bounds, 0);
    put(bounds, BPF_MISC | BPF_TAX, 0, 0, 0);
    load_high(bounds, 1);
    put(bounds, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
    compare(bounds, BPF_JGT, high(value), FAILED, NEXT);
    compare(bounds, BPF_JEQ, high(value), NEXT, 2);
    put(bounds, BPF_LD | BPF_MEM, 0, 0, 0);
    compare(bounds, BPF_JGT, (uint32_t)value, FAILED, NEXT);
}

static void allow(struct bounds *bounds)
{
    put(bounds, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static void allow_inside(struct bounds *bounds, const struct memory_place *place)
{
    const unsigned short from = bounds->length;

    if (place->begin == place->end)
        return;
    at_least(bounds, 0, place->begin);
    at_most(bounds, 0, place->end);
    at_most(bounds, 1, place->end - place->begin);
    sum_at_most(bounds, place->end);
    allow(bounds);
    end_part(bounds, from);
}

/* Of a length no matter what where the range begins behind the place: the kernel looks after that.
 */
static void allow_outside(struct bounds *bounds, const struct memory_place *place)
{
    unsigned short from = bounds->length;

    if (place->begin > 0) {
        at_most(bounds, 0, place->begin - 1);
        at_most(bounds, 1, place->begin);
        sum_at_most(bounds, place->begin);
        allow(bounds);
        end_part(bounds, from);
    }
    from = bounds->length;
    at_least(bounds, 0, place->end);
    allow(bounds);
    end_part(bounds, from);
}

static void check(struct bounds *bounds, const struct sandbox_condition *condition)
{
    switch (condition->match) {
    case MATCH_ANY:
        return;
    case MATCH_AT_MOST:
        at_most(bounds, condition->argument, condition->value);
        return;
    case MATCH_LONG:
        load_high(bounds, condition->argument);
        compare(bounds, BPF_JEQ, high(condition->value), NEXT, FAILED);
        break;
    case MATCH_INT:
    case MATCH_SELF:
        break;
    }
    load_low(bounds, condition->argument);
    compare(bounds, BPF_JEQ,
            condition->match == MATCH_SELF ? (uint32_t)getpid() : (uint32_t)condition->value, NEXT,
            FAILED);
}

static void write_rule(struct bounds *bounds, const struct sandbox_rule *rule,
                       const struct memory_places *places)
{
    const unsigned short from = bounds->length;

    for (unsigned i = 0; i < SANDBOX_CONDITIONS; i++)
        check(bounds, &rule->conditions[i]);
    if ((rule->place & INSIDE_ARENA) != 0)
        allow_inside(bounds, &places->arena);
    if ((rule->place & INSIDE_RAM) != 0)
        allow_inside(bounds, &places->ram);
    if ((rule->place & OUTSIDE_ARENA) != 0)
        allow_outside(bounds, &places->arena);
    if ((rule->place & INSIDE_BALLAST) != 0) {
        allow_inside(bounds, &places->ballast);
        allow_inside(bounds, &places->ram_tables_ballast);
    }
    if (rule->is_refused)
        put(bounds, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
    else if (rule->place == 0)
        allow(bounds);
    end_part(bounds, from);
}

/* Whether libseccomp's part of the filter is enough for a rule. */
static bool is_enough(const struct sandbox_rule *rule)
{
    return rule->place == 0 && !rule->is_refused;
}

/* Whether an earlier rule was for the same call and had all of its rules written. */
static bool is_written(enum sandbox_thread thread, size_t index, int call)
{
    for (size_t i = 0; i < index; i++) {
        const struct sandbox_rule *rule = sandbox_rule_at(thread, i);
        if (rule->call == call && !is_enough(rule))
            return true;
    }
    return false;
}

/* Those that make the call fail come last. */
static void write_call(struct bounds *bounds, enum sandbox_thread thread, int call,
                       const struct memory_places *places, uint32_t forbidden)
{
    const struct sandbox_rule *rule;

    load(bounds, offsetof(struct seccomp_data, nr));
    compare(bounds, BPF_JEQ, (uint32_t)call, 1, NEXT);
    const unsigned short skip = bounds->length;
    put(bounds, BPF_JMP | BPF_JA, 0, 0, 0);
    for (int refused = 0; refused < 2; refused++)
        for (size_t i = 0; (rule = sandbox_rule_at(thread, i)) != NULL; i++)
            if (rule->call == call && rule->is_refused == (refused == 1))
                write_rule(bounds, rule, places);
    put(bounds, BPF_RET | BPF_K, forbidden, 0, 0);
    if (!bounds->is_too_long)
        bounds->code[skip].k = (uint32_t)(bounds->length - skip - 1);
}

bool bounds_write(struct bounds *bounds, enum sandbox_thread thread,
                  const struct memory_places *places, uint32_t forbidden)
{
    const struct sandbox_rule *rule;

    bounds->length = 0;
    bounds->is_too_long = false;
    /* Other interfaces have other numbers. */
    load(bounds, offsetof(struct seccomp_data, arch));
    compare(bounds, BPF_JEQ, AUDIT_ARCH_X86_64, 1, NEXT);
    put(bounds, BPF_JMP | BPF_JA, 0, 0, 0);
    for (size_t i = 0; (rule = sandbox_rule_at(thread, i)) != NULL; i++)
        if (!is_enough(rule) && !is_written(thread, i, rule->call))
            write_call(bounds, thread, rule->call, places, forbidden);
    if (!bounds->is_too_long)
        bounds->code[2].k = bounds->length - 3u;
    return !bounds->is_too_long;
}
