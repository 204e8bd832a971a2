/* SPDX-License-Identifier: MIT
 * Metrics: what an exporter asks for, in one answer. */
#include "vmm/arena/look.h"
#include "vmm/control/calls.h"
#include "vmm/process/footprint.h"

/* A list of numbers of its own; NULL if that was answered with a failure. */
static uint64_t *copy_numbers(struct call *call, const uint64_t *numbers, size_t count)
{
    uint64_t *copy = call_memory(call, count, sizeof *copy);

    for (size_t i = 0; copy != NULL && i < count; i++)
        copy[i] = numbers[i];
    return copy;
}

static bool fill_latency(struct call *call, MESSAGE(Latency) * message, enum latency_call kind,
                         const struct latency *latency)
{
    *message = (MESSAGE(Latency))MESSAGE_INIT(LATENCY);
    message->call = call_text(call, latency_name(kind));
    message->bounds_ns = copy_numbers(call, latency_bounds, LATENCY_BOUNDS);
    message->counts = copy_numbers(call, latency->count, LATENCY_BOUNDS + 1);
    if (message->call == NULL || message->bounds_ns == NULL || message->counts == NULL)
        return false;
    message->n_bounds_ns = LATENCY_BOUNDS;
    message->n_counts = LATENCY_BOUNDS + 1;
    message->sum_ns = latency->sum_ns;
    return true;
}

static bool fill_latencies(struct call *call, MESSAGE(MetricsReply) * reply,
                           const struct arena_look *look)
{
    MESSAGE(Latency) *messages = call_memory(call, LATENCY_CALLS, sizeof *messages);
    MESSAGE(Latency) **list = call_memory(call, LATENCY_CALLS, sizeof *list);
    if (messages == NULL || list == NULL)
        return false;
    for (uint32_t i = 0; i < LATENCY_CALLS; i++) {
        if (!fill_latency(call, &messages[i], (enum latency_call)i, &look->latency[i]))
            return false;
        list[i] = &messages[i];
    }
    reply->latencies = list;
    reply->n_latencies = LATENCY_CALLS;
    return true;
}

/* Where it cannot be told, the part is left out. */
static bool fill_process(struct call *call, MESSAGE(MetricsReply) * reply)
{
    struct footprint_memory memory;

    reply->processor_ns = footprint_processor_ns();
    if (!footprint_memory(&memory))
        return true;
    MESSAGE(ProcessMemory) *message = call_memory(call, 1, sizeof *message);
    if (message == NULL)
        return false;
    *message = (MESSAGE(ProcessMemory))MESSAGE_INIT(PROCESS_MEMORY);
    message->anonymous_bytes = memory.anonymous;
    message->file_bytes = memory.files;
    message->page_table_bytes = memory.page_tables;
    reply->process_memory = message;
    return true;
}

static bool fill_names(struct call *call, MESSAGE(MetricsReply) * reply)
{
    const struct control_config *config = call->service->config;
    uint32_t windows;

    arena_count(call->service->arena, &windows, &reply->objects);
    reply->vcpus = config->vcpus;
    reply->memory_bytes = config->memory_bytes;
    reply->name = call_text(call, config->name);
    reply->version = call_text(call, config->version);
    return reply->name != NULL && reply->version != NULL;
}

static bool fill_arena(struct call *call, MESSAGE(MetricsReply) * reply,
                       const struct arena_look *look, const struct tag_state *tags)
{
    reply->stats = call_memory(call, 1, sizeof *reply->stats);
    reply->guarantee = call_memory(call, 1, sizeof *reply->guarantee);
    if (reply->stats == NULL || reply->guarantee == NULL)
        return false;
    fill_stats(call, reply->stats, &look->counters);
    return fill_guarantee(call, reply->guarantee, &look->accounts, &look->counters, tags,
                          look->tags) &&
           fill_latencies(call, reply, look);
}

void call_metrics(struct call *call)
{
    MESSAGE(MetricsReply) *reply = call_memory(call, 1, sizeof *reply);
    struct arena_look *look = call_memory(call, 1, sizeof *look);
    struct tag_state *tags = call_memory(call, ARENA_TAGS, sizeof *tags);
    if (reply == NULL || look == NULL || tags == NULL)
        return;
    *reply = (MESSAGE(MetricsReply))MESSAGE_INIT(METRICS_REPLY);
    arena_look(call->service->arena, look, tags, ARENA_TAGS);
    if (!fill_names(call, reply) || !fill_arena(call, reply, look, tags) ||
        !fill_process(call, reply))
        return;
    call->response->metrics = reply;
    call->response->reply_case = REPLY(METRICS);
}
