/* SPDX-License-Identifier: MIT
 * Ping, Info and Stats. */
#include "vmm/arena/operators.h"
#include "vmm/control/calls.h"
#include "vmm/machine/machine.h"
#include "vmm/sandbox/sandbox.h"

#include <unistd.h>

void call_ping(struct call *call)
{
    MESSAGE(PingReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL)
        return;
    *reply = (MESSAGE(PingReply))MESSAGE_INIT(PING_REPLY);
    reply->name = call_text(call, call->service->config->name);
    if (reply->name == NULL)
        return;
    call->response->ping = reply;
    call->response->reply_case = REPLY(PING);
}

static bool fill_texts(struct call *call, MESSAGE(InfoReply) * reply)
{
    const struct control_config *config = call->service->config;
    reply->name = call_text(call, config->name);
    reply->version = call_text(call, config->version);
    reply->kernel = call_text(call, config->kernel);
    reply->append = call_text(call, config->append);
    reply->console = call_text(call, config->console);
    reply->sandbox = call_text(call, sandbox_state());
    return reply->name != NULL && reply->version != NULL && reply->kernel != NULL &&
           reply->append != NULL && reply->console != NULL && reply->sandbox != NULL;
}

static bool describe(struct call *call, MESSAGE(Protection) * message,
                     const struct sandbox_protection *protection)
{
    *message = (MESSAGE(Protection))MESSAGE_INIT(PROTECTION);
    message->name = call_text(call, protection->name);
    message->on = protection->is_on;
    message->why_not = call_text(call, protection->why_not);
    return message->name != NULL && message->why_not != NULL;
}

static bool fill_protections(struct call *call, MESSAGE(InfoReply) * reply)
{
    const struct sandbox_protection *protections;
    const uint32_t count = sandbox_protections(&protections);
    MESSAGE(Protection) *messages = call_memory(call, count, sizeof *messages);
    MESSAGE(Protection) **list = call_memory(call, count, sizeof *list);
    if (messages == NULL || list == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!describe(call, &messages[i], &protections[i]))
            return false;
        list[i] = &messages[i];
    }
    reply->protections = list;
    reply->n_protections = count;
    return true;
}

static void fill_machine(struct call *call, MESSAGE(InfoReply) * reply)
{
    const struct control_config *config = call->service->config;
    struct machine_counters machine;
    machine_counters(call->service->machine, &machine);
    reply->state = call_machine_state(call);
    reply->pid = (uint32_t)getpid();
    reply->uptime_ms = call_uptime_ms(call);
    reply->vcpus = config->vcpus;
    reply->memory_bytes = config->memory_bytes;
    reply->resets = machine.resets;
}

/* Not arena_info(): whoever holds the arena's lock may wait for what never comes. */
static void fill_arena(struct call *call, MESSAGE(InfoReply) * reply)
{
    const struct control_config *config = call->service->config;
    reply->abi_version = HF_ABI_VERSION;
    reply->features = config->features;
    reply->arena_base = config->arena_base;
    reply->arena_pages = config->arena_pages;
    arena_count(call->service->arena, &reply->windows, &reply->objects);
}

void call_info(struct call *call)
{
    MESSAGE(InfoReply) *reply = call_memory(call, 1, sizeof *reply);
    if (reply == NULL)
        return;
    *reply = (MESSAGE(InfoReply))MESSAGE_INIT(INFO_REPLY);
    fill_machine(call, reply);
    fill_arena(call, reply);
    if (!fill_texts(call, reply) || !fill_protections(call, reply))
        return;
    call->response->info = reply;
    call->response->reply_case = REPLY(INFO);
}

static void fill_totals(MESSAGE(StatsReply) * reply, const struct windows_totals *totals)
{
    reply->arena_pages = totals->arena_pages;
    reply->arena_free_pages = totals->arena_free;
    reply->arena_largest_pages = totals->arena_largest;
    reply->mapped_pages = totals->mapped_pages;
    reply->windows = totals->windows;
    reply->windows_max = totals->windows_max;
    reply->extents = totals->extents;
    reply->extents_reserved = totals->extents_reserved;
    reply->extents_max = totals->extents_max;
    reply->reserves = totals->reserves;
    reply->releases = totals->releases;
    reply->maps = totals->maps;
    reply->unmaps = totals->unmaps;
}

void fill_stats(struct call *call, MESSAGE(StatsReply) * reply, const struct arena_counters *arena)
{
    struct machine_counters machine;

    machine_counters(call->service->machine, &machine);
    *reply = (MESSAGE(StatsReply))MESSAGE_INIT(STATS_REPLY);
    reply->uptime_ms = call_uptime_ms(call);
    reply->state = call_machine_state(call);
    fill_totals(reply, &arena->totals);
    reply->arena_base = arena->base;
    reply->calls = arena->calls;
    reply->refused = arena->refused;
    reply->faults = arena->faults;
    reply->host_failures = arena->host_failures;
    reply->flushes = arena->flushes;
    reply->discards = arena->discards;
    reply->io_errors = arena->io_errors;
    reply->prefault = arena->prefault;
    reply->exits = machine.exits;
    reply->resets = machine.resets;
}

void call_stats(struct call *call)
{
    MESSAGE(StatsReply) *reply = call_memory(call, 1, sizeof *reply);
    struct arena_counters *arena = call_memory(call, 1, sizeof *arena);
    if (reply == NULL || arena == NULL)
        return;
    arena_counters(call->service->arena, arena);
    fill_stats(call, reply, arena);
    call->response->stats = reply;
    call->response->reply_case = REPLY(STATS);
}
