/* SPDX-License-Identifier: MIT
 * What was set aside for the windows, what of it is in use, and who has it. */
#include "room.h"

#include "holdfast/abi.h"

#include <inttypes.h>

typedef struct holdfast_metrics_reply reply_t;

/* ---- accounts ---- */

enum unit { UNIT_NONE, UNIT_PAGES, UNIT_BYTES };
enum column { HELD, IN_USE, LIMIT };

static void write_accounts(struct writer *writer, const struct metrics_vm *vm, enum unit unit,
                           enum column column)
{
    const struct holdfast_guarantee_reply *reply = vm->reply->metrics->guarantee;
    const struct {
        const char *name;
        enum unit unit;
        const struct holdfast_account *account;
    } accounts[] = {
        {"arena", UNIT_PAGES, reply->arena},
        {"windows", UNIT_NONE, reply->windows},
        {"extents", UNIT_NONE, reply->extents},
        {"vmas", UNIT_NONE, reply->vmas},
        {"tables", UNIT_NONE, reply->tables},
        {"ram_tables", UNIT_NONE, reply->ram_tables},
        {"ballast", UNIT_BYTES, reply->ballast},
        {"object_memory", UNIT_BYTES, reply->object_memory},
    };

    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++)
        if (accounts[i].unit == unit)
            sample_of(writer, vm, "account", accounts[i].name,
                      column == HELD     ? accounts[i].account->held
                      : column == IN_USE ? accounts[i].account->in_use
                                         : accounts[i].account->limit);
}

#define ACCOUNTS(name, unit, column)                                                               \
    static void name(struct writer *writer, const struct metrics_vm *vm)                           \
    {                                                                                              \
        write_accounts(writer, vm, unit, column);                                                  \
    }

ACCOUNTS(held, UNIT_NONE, HELD)
ACCOUNTS(in_use, UNIT_NONE, IN_USE)
ACCOUNTS(limit, UNIT_NONE, LIMIT)
ACCOUNTS(held_pages, UNIT_PAGES, HELD)
ACCOUNTS(in_use_pages, UNIT_PAGES, IN_USE)
ACCOUNTS(limit_pages, UNIT_PAGES, LIMIT)
ACCOUNTS(held_bytes, UNIT_BYTES, HELD)
ACCOUNTS(in_use_bytes, UNIT_BYTES, IN_USE)
ACCOUNTS(limit_bytes, UNIT_BYTES, LIMIT)

/* ---- what the guarantee rests on ---- */

static void write_conditions(struct writer *writer, const struct metrics_vm *vm)
{
    static const struct {
        const char *name;
        uint32_t flag;
    } conditions[] = {
        {"ram_made", HF_GUARANTEE_RAM_MADE},     {"ram_locked", HF_GUARANTEE_RAM_LOCKED},
        {"vmm_locked", HF_GUARANTEE_VMM_LOCKED}, {"oom_protected", HF_GUARANTEE_OOM_PROTECTED},
        {"ballast", HF_GUARANTEE_BALLAST},       {"tables_ahead", HF_GUARANTEE_TABLES_AHEAD},
        {"ram_tables", HF_GUARANTEE_RAM_TABLES}, {"objects_made", HF_GUARANTEE_OBJECTS_MADE},
    };
    const uint32_t met = vm->reply->metrics->guarantee->met;

    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
        sample_of(writer, vm, "condition", conditions[i].name, (met & conditions[i].flag) != 0);
}

#define OF_GUARANTEE(member)                                                                       \
    static uint64_t member(const reply_t *reply)                                                   \
    {                                                                                              \
        return reply->guarantee->member;                                                           \
    }

OF_GUARANTEE(vmas_process)
OF_GUARANTEE(vmas_elsewhere)
OF_GUARANTEE(vmas_margin)
OF_GUARANTEE(ballast_taken)
OF_GUARANTEE(times_lent)
OF_GUARANTEE(extent_cost)
OF_GUARANTEE(extent_measured)
OF_GUARANTEE(refusals)
OF_GUARANTEE(rescued)
OF_GUARANTEE(rescues_all)

static uint64_t largest_free(const reply_t *reply)
{
    return reply->stats->arena_largest_pages;
}

static uint64_t longest_rescue(const reply_t *reply)
{
    uint64_t longest = 0;

    for (size_t i = 0; i < reply->guarantee->rescues_count; i++)
        if (reply->guarantee->rescues[i]->waited_ms > longest)
            longest = reply->guarantee->rescues[i]->waited_ms;
    return longest;
}

/* ---- tags ---- */

/* A tag by its number, for two tags may look alike in characters, and in characters where it has
 * them. */
static void tag_labels(const struct metrics_vm *vm, uint32_t tag, char number[16], char text[8],
                       struct label labels[3])
{
    bool prints = true;

    for (unsigned i = 0; i < 4; i++) {
        const unsigned char byte = (unsigned char)(tag >> (8 * i));
        prints = prints && byte >= 0x20 && byte < 0x7f;
        text[i] = (char)byte;
    }
    text[prints ? 4 : 0] = '\0';
    snprintf(number, 16, "0x%" PRIx32, tag);
    labels[0] = (struct label){"vm", vm->name};
    labels[1] = (struct label){"tag", number};
    labels[2] = (struct label){prints ? "tag_text" : NULL, text};
}

static void write_tags(struct writer *writer, const struct metrics_vm *vm,
                       uint64_t (*value)(const struct holdfast_tag *tag), bool is_sum)
{
    const struct holdfast_guarantee_reply *reply = vm->reply->metrics->guarantee;
    struct label labels[3];
    char number[16];
    char text[8];
    uint64_t other = 0;
    bool has_other = false;

    for (size_t i = 0; i < reply->tags_count; i++) {
        const struct holdfast_tag *tag = reply->tags[i];
        const uint64_t its = value(tag);
        if (tags_has(&vm->tags, tag)) {
            tag_labels(vm, tag->tag, number, text, labels);
            sample_write(writer, NULL, labels, 3, its);
            continue;
        }
        has_other = true;
        other = its > UINT64_MAX - other ? UINT64_MAX : other + its;
    }
    if (has_other && is_sum)
        sample_of(writer, vm, "tag", "other", other);
}

/* What others hold can be added up; what they held once, or were refused, cannot: the VMM forgets
 * tags that hold nothing, and a counter must not fall. */
#define TAGS(name, expression, is_sum)                                                             \
    static uint64_t value_of_##name(const struct holdfast_tag *tag)                                \
    {                                                                                              \
        return expression;                                                                         \
    }                                                                                              \
    static void name(struct writer *writer, const struct metrics_vm *vm)                           \
    {                                                                                              \
        write_tags(writer, vm, value_of_##name, is_sum);                                           \
    }

TAGS(tag_windows, tag->held->windows, true)
TAGS(tag_pages, tag->held->pages, true)
TAGS(tag_extents, tag->held->extents, true)
TAGS(tag_high_windows, tag->high->windows, false)
TAGS(tag_high_pages, tag->high->pages, false)
TAGS(tag_high_extents, tag->high->extents, false)
TAGS(tag_quota_windows, tag->quota->windows, false)
TAGS(tag_quota_pages, tag->quota->pages, false)
TAGS(tag_quota_extents, tag->quota->extents, false)
TAGS(tag_refused, tag->refused, false)
TAGS(tag_rescued, tag->rescued, false)
TAGS(tag_longest_rescue, tag->longest_rescue_us, false)

const struct family families_arena[] = {
    {"arena_largest_free_pages", "pages", FAMILY_GAUGE, FAMILY_WHOLE,
     "Pages of the longest range of the arena that is in no window.", .value = largest_free},
    {"account_held", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "What the windows hold.", .write = held},
    {"account_in_use", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "What of that is in use.",
     .write = in_use},
    {"account_limit", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "The most that the windows can hold.",
     .write = limit},
    {"account_held_pages", "pages", FAMILY_GAUGE, FAMILY_WHOLE, "Pages that the windows hold.",
     .write = held_pages},
    {"account_in_use_pages", "pages", FAMILY_GAUGE, FAMILY_WHOLE,
     "Pages of that which are in use: mapped.", .write = in_use_pages},
    {"account_limit_pages", "pages", FAMILY_GAUGE, FAMILY_WHOLE,
     "The most pages that the windows can hold.", .write = limit_pages},
    {"account_held_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE, "Bytes that were set aside.",
     .write = held_bytes},
    {"account_in_use_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE,
     "Bytes of that which are in use; of ballast: lent to the host's kernel.",
     .write = in_use_bytes},
    {"account_limit_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE,
     "The most bytes that can be set aside.", .write = limit_bytes},
    {"guarantee_met", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "Whether a condition of the guarantee is met, 1 or 0.", .write = write_conditions},
    {"ballast_taken_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE,
     "Ballast that is in memory, or was before it was lent.", .value = ballast_taken},
    {"ballast_lent", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "How often ballast was lent to the host's kernel.", .value = times_lent},
    {"extent_cost_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE,
     "Ballast that is set aside for each extent.", .value = extent_cost},
    {"extent_measured_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE,
     "What the host's kernel was seen to charge for an extent, 0: not measured.",
     .value = extent_measured},
    {"vmas_allowed", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "Mappings that the host's kernel allows the VMM.", .value = vmas_process},
    {"vmas_elsewhere", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "Mappings of these that the rest of the VMM takes.", .value = vmas_elsewhere},
    {"vmas_margin", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "Mappings of these that are left for objects and the like.", .value = vmas_margin},
    {"host_refusals", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "System calls that the host's kernel refused for want of memory.", .value = refusals},
    {"calls_rescued", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "Calls of the guest that went through after such a refusal.", .value = rescued},
    {"rescues", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "Calls and accesses that wait for the host's memory now.", .value = rescues_all},
    {"rescue_longest_seconds", "seconds", FAMILY_GAUGE, FAMILY_MS,
     "How long the oldest of these has waited.", .value = longest_rescue},
    {"tag_windows", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "Windows of a tag.", .write = tag_windows},
    {"tag_pages", "pages", FAMILY_GAUGE, FAMILY_WHOLE, "Pages in the windows of a tag.",
     .write = tag_pages},
    {"tag_extents", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "Extents that were set aside for the windows of a tag.", .write = tag_extents},
    {"tag_high_windows", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "The most windows that a tag has had.",
     .write = tag_high_windows},
    {"tag_high_pages", "pages", FAMILY_GAUGE, FAMILY_WHOLE, "The most pages that a tag has had.",
     .write = tag_high_pages},
    {"tag_high_extents", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "The most extents that a tag has had.",
     .write = tag_high_extents},
    {"tag_quota_windows", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "The most windows that a tag may have, 0: no quota.", .write = tag_quota_windows},
    {"tag_quota_pages", "pages", FAMILY_GAUGE, FAMILY_WHOLE,
     "The most pages that a tag may have, 0: no quota.", .write = tag_quota_pages},
    {"tag_quota_extents", NULL, FAMILY_GAUGE, FAMILY_WHOLE,
     "The most extents that a tag may have, 0: no quota.", .write = tag_quota_extents},
    {"tag_reserves_refused", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "RESERVEs of a tag for which a quota or a budget was short.", .write = tag_refused},
    {"tag_calls_rescued", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "MAPs, UNMAPs and REMAPs of a tag that went through only for what was set aside.",
     .write = tag_rescued},
    {"tag_longest_rescue_seconds", "seconds", FAMILY_GAUGE, FAMILY_US,
     "The longest that such a call has waited.", .write = tag_longest_rescue},
};
const size_t families_arena_count = sizeof families_arena / sizeof families_arena[0];
