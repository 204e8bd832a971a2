/* SPDX-License-Identifier: MIT
 * Replies about the guarantee, and about drills, which try it. */
#include "vmm/client/reply.h"

/* NULL also where the VM has left it out. */
static const struct holdfast_account *describe_account(struct reply *reply,
                                                       const MESSAGE(Account) * account)
{
    struct holdfast_account *seen = account != NULL ? REPLY_MAKE(reply, holdfast_account) : NULL;
    if (seen != NULL)
        *seen = (struct holdfast_account){
            .held = account->held, .in_use = account->in_use, .limit = account->limit};
    return seen;
}

static const struct holdfast_amounts *describe_amounts(struct reply *reply,
                                                       const MESSAGE(Amounts) * amounts)
{
    struct holdfast_amounts *seen = amounts != NULL ? REPLY_MAKE(reply, holdfast_amounts) : NULL;
    if (seen != NULL)
        *seen = (struct holdfast_amounts){
            .windows = amounts->windows, .pages = amounts->pages, .extents = amounts->extents};
    return seen;
}

static bool describe_accounts(struct reply *reply, struct holdfast_guarantee_reply *seen,
                              const MESSAGE(GuaranteeReply) * guarantee)
{
    seen->arena = describe_account(reply, guarantee->arena);
    seen->vmas = describe_account(reply, guarantee->vmas);
    seen->tables = describe_account(reply, guarantee->tables);
    seen->ram_tables = describe_account(reply, guarantee->ram_tables);
    seen->object_memory = describe_account(reply, guarantee->object_memory);
    seen->ballast = describe_account(reply, guarantee->ballast);
    seen->windows = describe_account(reply, guarantee->windows);
    seen->extents = describe_account(reply, guarantee->extents);
    return seen->arena != NULL && seen->vmas != NULL && seen->tables != NULL &&
           seen->ram_tables != NULL && seen->object_memory != NULL && seen->ballast != NULL &&
           seen->windows != NULL && seen->extents != NULL;
}

static bool describe_tag(struct reply *reply, struct holdfast_tag *seen, const MESSAGE(Tag) * tag)
{
    *seen = (struct holdfast_tag){
        .tag = tag->tag,
        .held = describe_amounts(reply, tag->held),
        .high = describe_amounts(reply, tag->high),
        .quota = describe_amounts(reply, tag->quota),
        .refused = tag->refused,
        .rescued = tag->rescued,
        .longest_rescue_us = tag->longest_rescue_us,
    };
    return seen->held != NULL && seen->high != NULL && seen->quota != NULL;
}

static bool describe_tags(struct reply *reply, struct holdfast_guarantee_reply *seen,
                          const MESSAGE(GuaranteeReply) * guarantee)
{
    struct holdfast_tag **list =
        (struct holdfast_tag **)reply_array(reply, guarantee->n_tags, sizeof(struct holdfast_tag));
    if (list == NULL)
        return false;
    for (size_t i = 0; i < guarantee->n_tags; i++)
        if (!describe_tag(reply, list[i], guarantee->tags[i]))
            return false;
    seen->tags = (const struct holdfast_tag *const *)list;
    seen->tags_count = guarantee->n_tags;
    return true;
}

static bool describe_rescues(struct reply *reply, struct holdfast_guarantee_reply *seen,
                             const MESSAGE(GuaranteeReply) * guarantee)
{
    struct holdfast_rescue **list = (struct holdfast_rescue **)reply_array(
        reply, guarantee->n_rescues, sizeof(struct holdfast_rescue));
    if (list == NULL)
        return false;
    for (size_t i = 0; i < guarantee->n_rescues; i++) {
        const MESSAGE(Rescue) *rescue = guarantee->rescues[i];
        *list[i] = (struct holdfast_rescue){
            .call = rescue->call,
            .waited_ms = rescue->waited_ms,
            .window = rescue->window,
            .address = rescue->address,
            .tag = rescue->tag,
            .attempts = rescue->attempts,
            .system_call = rescue->system_call,
            .error = rescue->error,
            .vcpu = rescue->vcpu,
            .address_known = rescue->address_known,
        };
    }
    seen->rescues = (const struct holdfast_rescue *const *)list;
    seen->rescues_count = guarantee->n_rescues;
    return true;
}

bool describe_guarantee(struct reply *reply, const MESSAGE(GuaranteeReply) * guarantee)
{
    struct holdfast_guarantee_reply *seen = REPLY_MAKE(reply, holdfast_guarantee_reply);
    if (seen == NULL)
        return false;
    *seen = (struct holdfast_guarantee_reply){
        .mode = guarantee->mode,
        .met = guarantee->met,
        .extent_cost = guarantee->extent_cost,
        .extent_measured = guarantee->extent_measured,
        .rescues_all = guarantee->rescues_all,
        .vmas_process = guarantee->vmas_process,
        .vmas_elsewhere = guarantee->vmas_elsewhere,
        .vmas_margin = guarantee->vmas_margin,
        .ballast_taken = guarantee->ballast_taken,
        .times_lent = guarantee->times_lent,
        .refusals = guarantee->refusals,
        .rescued = guarantee->rescued,
        .host_failures = guarantee->host_failures,
    };
    reply->seen.guarantee = seen;
    return describe_accounts(reply, seen, guarantee) && describe_tags(reply, seen, guarantee) &&
           describe_rescues(reply, seen, guarantee);
}

bool describe_drill(struct reply *reply, const MESSAGE(DrillReportReply) * drill)
{
    const size_t count = drill->n_parts;
    struct holdfast_drill_reply *seen = REPLY_MAKE(reply, holdfast_drill_reply);
    struct holdfast_drill_part **list = (struct holdfast_drill_part **)reply_array(
        reply, count, sizeof(struct holdfast_drill_part));
    if (seen == NULL || list == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        *list[i] = (struct holdfast_drill_part){
            .primitive = (enum holdfast_primitive)drill->parts[i]->primitive,
            .asked = drill->parts[i]->asked,
            .done = drill->parts[i]->done,
        };
    *seen = (struct holdfast_drill_reply){
        .running = drill->running,
        .parts = (const struct holdfast_drill_part *const *)list,
        .parts_count = count,
        .calls = drill->calls,
        .failed = drill->failed,
        .refusals = drill->refusals,
        .rescued = drill->rescued,
        .longest_us = drill->longest_us,
    };
    reply->seen.drill = seen;
    return true;
}
