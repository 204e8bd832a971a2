/* SPDX-License-Identifier: MIT
 * Ping, Info and Stats. */
#include "vmm/arena/operators.h"
#include "vmm/control/calls.h"
#include "vmm/machine/machine.h"

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
    return reply->name != NULL && reply->version != NULL && reply->kernel != NULL &&
           reply->append != NULL && reply->console != NULL;
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
    if (!fill_texts(call, reply))
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

void call_stats(struct call *call)
{
    MESSAGE(StatsReply) *reply = call_memory(call, 1, sizeof *reply);
    struct arena_counters *arena = call_memory(call, 1, sizeof *arena);
    struct machine_counters machine;
    if (reply == NULL || arena == NULL)
        return;
    arena_counters(call->service->arena, arena);
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
    call->response->stats = reply;
    call->response->reply_case = REPLY(STATS);
}
