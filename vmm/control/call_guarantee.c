/* SPDX-License-Identifier: MIT
 * Guarantee and SetQuota. */
#include "vmm/arena/accounts.h"
#include "vmm/arena/operators.h"
#include "vmm/arena/rescues.h"
#include "vmm/control/calls.h"
#include "vmm/log.h"

#include <string.h>

/* NULL if that was answered with a failure. */
static MESSAGE(Account) * copy_account(struct call *call, const struct arena_account *account)
{
    MESSAGE(Account) *copy = call_memory(call, 1, sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = (MESSAGE(Account))MESSAGE_INIT(ACCOUNT);
    copy->held = account->held;
    copy->in_use = account->in_use;
    copy->limit = account->limit;
    return copy;
}

static bool fill_accounts(struct call *call, MESSAGE(GuaranteeReply) * reply,
                          const struct arena_accounts *accounts)
{
    reply->met = accounts->met;
    reply->arena = copy_account(call, &accounts->arena);
    reply->vmas = copy_account(call, &accounts->vmas);
    reply->tables = copy_account(call, &accounts->tables);
    reply->ram_tables = copy_account(call, &accounts->ram_tables);
    reply->object_memory = copy_account(call, &accounts->object_memory);
    reply->ballast = copy_account(call, &accounts->ballast);
    reply->windows = copy_account(call, &accounts->windows);
    reply->extents = copy_account(call, &accounts->extents);
    reply->vmas_process = accounts->vmas_process.most;
    reply->vmas_elsewhere = accounts->vmas_process.elsewhere;
    reply->vmas_margin = accounts->vmas_process.margin;
    reply->ballast_taken = accounts->ballast_taken;
    reply->times_lent = accounts->times_lent;
    reply->extent_cost = accounts->extent_cost;
    reply->extent_measured = accounts->extent_measured;
    reply->mode = call_text(call, guarantee_name(accounts->mode));
    return reply->arena != NULL && reply->vmas != NULL && reply->tables != NULL &&
           reply->ram_tables != NULL && reply->object_memory != NULL && reply->ballast != NULL &&
           reply->windows != NULL && reply->extents != NULL && reply->mode != NULL;
}

static MESSAGE(Amounts) * copy_amounts(MESSAGE(Amounts) * copy, const struct tag_amounts *amounts)
{
    *copy = (MESSAGE(Amounts))MESSAGE_INIT(AMOUNTS);
    copy->windows = amounts->windows;
    copy->pages = amounts->pages;
    copy->extents = amounts->extents;
    return copy;
}

static bool fill_tags(struct call *call, MESSAGE(GuaranteeReply) * reply,
                      const struct tag_state *states, uint32_t count)
{
    MESSAGE(Tag) *tags = call_memory(call, count, sizeof *tags);
    MESSAGE(Amounts) *amounts = call_memory(call, 3 * (size_t)count, sizeof *amounts);
    MESSAGE(Tag) **list = call_memory(call, count, sizeof *list);
    if (tags == NULL || amounts == NULL || list == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        tags[i] = (MESSAGE(Tag))MESSAGE_INIT(TAG);
        tags[i].tag = states[i].tag;
        tags[i].held = copy_amounts(amounts++, &states[i].held);
        tags[i].high = copy_amounts(amounts++, &states[i].high);
        tags[i].quota = copy_amounts(amounts++, &states[i].quota);
        tags[i].refused = states[i].refused;
        tags[i].rescued = states[i].rescued;
        tags[i].longest_rescue_us = states[i].longest_rescue / 1000;
        list[i] = &tags[i];
    }
    reply->tags = list;
    reply->n_tags = count;
    return true;
}

static bool describe(struct call *call, MESSAGE(Rescue) * message,
                     const struct arena_rescue *rescue)
{
    const char *error = strerrorname_np(rescue->error);

    *message = (MESSAGE(Rescue))MESSAGE_INIT(RESCUE);
    message->call = call_text(call, rescue->call);
    message->waited_ms = rescue->waited_ns / 1000000;
    message->window = rescue->window;
    message->address = rescue->address;
    message->tag = rescue->tag;
    message->system_call = call_text(call, rescue->system_call);
    message->error = call_text(call, error != NULL ? error : "?");
    message->attempts = rescue->attempts;
    message->vcpu = rescue->vcpu;
    message->address_known = rescue->has_address;
    return message->call != NULL && message->system_call != NULL && message->error != NULL;
}

static bool fill_rescues(struct call *call, MESSAGE(GuaranteeReply) * reply)
{
    struct arena_rescue *rescues = call_memory(call, ARENA_RESCUES_MOST, sizeof *rescues);
    MESSAGE(Rescue) *messages = call_memory(call, ARENA_RESCUES_MOST, sizeof *messages);
    MESSAGE(Rescue) **list = call_memory(call, ARENA_RESCUES_MOST, sizeof *list);
    if (rescues == NULL || messages == NULL || list == NULL)
        return false;
    const uint32_t count =
        arena_rescues(call->service->arena, rescues, ARENA_RESCUES_MOST, &reply->rescues_all);
    for (uint32_t i = 0; i < count; i++) {
        if (!describe(call, &messages[i], &rescues[i]))
            return false;
        list[i] = &messages[i];
    }
    reply->rescues = list;
    reply->n_rescues = count;
    return true;
}

bool fill_guarantee(struct call *call, MESSAGE(GuaranteeReply) * reply,
                    const struct arena_accounts *accounts, const struct arena_counters *counters,
                    const struct tag_state *tags, uint32_t count)
{
    *reply = (MESSAGE(GuaranteeReply))MESSAGE_INIT(GUARANTEE_REPLY);
    reply->refusals = counters->refusals;
    reply->rescued = counters->rescued;
    reply->host_failures = counters->host_failures;
    return fill_rescues(call, reply) && fill_accounts(call, reply, accounts) &&
           fill_tags(call, reply, tags, count);
}

void call_guarantee(struct call *call)
{
    struct arena *arena = call->service->arena;
    MESSAGE(GuaranteeReply) *reply = call_memory(call, 1, sizeof *reply);
    struct arena_accounts *accounts = call_memory(call, 1, sizeof *accounts);
    struct arena_counters *counters = call_memory(call, 1, sizeof *counters);
    struct tag_state *tags = call_memory(call, ARENA_TAGS, sizeof *tags);
    if (reply == NULL || accounts == NULL || counters == NULL || tags == NULL)
        return;
    arena_accounts(arena, accounts);
    arena_counters(arena, counters);
    if (!fill_guarantee(call, reply, accounts, counters, tags,
                        arena_tags(arena, 0, tags, ARENA_TAGS)))
        return;
    call->response->guarantee = reply;
    call->response->reply_case = REPLY(GUARANTEE);
}

void call_set_quota(struct call *call)
{
    const MESSAGE(SetQuotaRequest) *request = call->request->set_quota;
    MESSAGE(SetQuotaReply) *reply = call_memory(call, 1, sizeof *reply);
    struct tag_amounts quota = {0};
    struct error error;
    if (reply == NULL)
        return;
    if (request->tag == 0) {
        call_fail(call, STATUS(BAD_REQUEST), "tag 0 belongs to nobody and cannot have a quota");
        return;
    }
    if (request->quota != NULL)
        quota = (struct tag_amounts){request->quota->windows, request->quota->pages,
                                     request->quota->extents};
    if (arena_set_quota(call->service->arena, request->tag, &quota, &error) != 0) {
        call_fail(call, STATUS(FAILED), "%s", error.text);
        return;
    }
    log_line_about(
        &(const struct log_about){.tag = request->tag},
        "control: quota of tag 0x%x: %llu windows, %llu pages, %llu extents (0: no limit)",
        request->tag, (unsigned long long)quota.windows, (unsigned long long)quota.pages,
        (unsigned long long)quota.extents);
    *reply = (MESSAGE(SetQuotaReply))MESSAGE_INIT(SET_QUOTA_REPLY);
    call->response->set_quota = reply;
    call->response->reply_case = REPLY(SET_QUOTA);
}
