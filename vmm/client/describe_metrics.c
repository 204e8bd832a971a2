/* SPDX-License-Identifier: MIT
 * The reply that holds stats, guarantee and histograms at once. */
#include "vmm/client/reply.h"

#include <string.h>

/* NULL if there is no room; for none, room for one. */
static const uint64_t *copy_numbers(struct reply *reply, const uint64_t *numbers, size_t count)
{
    uint64_t *copy = bounded_array(&reply->room, count + 1, sizeof *copy);
    if (copy != NULL && count > 0)
        memcpy(copy, numbers, count * sizeof *copy);
    return copy;
}

static bool describe_latencies(struct reply *reply, struct holdfast_metrics_reply *seen,
                               const MESSAGE(MetricsReply) * metrics)
{
    struct holdfast_latency **list = (struct holdfast_latency **)reply_array(
        reply, metrics->n_latencies, sizeof(struct holdfast_latency));
    if (list == NULL)
        return false;
    for (size_t i = 0; i < metrics->n_latencies; i++) {
        const MESSAGE(Latency) *latency = metrics->latencies[i];
        *list[i] = (struct holdfast_latency){
            .call = latency->call,
            .bounds_ns = copy_numbers(reply, latency->bounds_ns, latency->n_bounds_ns),
            .bounds_ns_count = latency->n_bounds_ns,
            .counts = copy_numbers(reply, latency->counts, latency->n_counts),
            .counts_count = latency->n_counts,
            .sum_ns = latency->sum_ns,
        };
        if (list[i]->bounds_ns == NULL || list[i]->counts == NULL)
            return false;
    }
    seen->latencies = (const struct holdfast_latency *const *)list;
    seen->latencies_count = metrics->n_latencies;
    return true;
}

/* What may be missing: the VMM cannot always tell. */
static bool describe_process(struct reply *reply, struct holdfast_metrics_reply *seen,
                             const MESSAGE(ProcessMemory) * memory)
{
    if (memory == NULL)
        return true;
    struct holdfast_process_memory *copy = REPLY_MAKE(reply, holdfast_process_memory);
    if (copy != NULL)
        *copy = (struct holdfast_process_memory){
            .anonymous_bytes = memory->anonymous_bytes,
            .file_bytes = memory->file_bytes,
            .page_table_bytes = memory->page_table_bytes,
        };
    seen->process_memory = copy;
    return copy != NULL;
}

/* Each describes itself where a reply of its own has it. */
static bool describe_parts(struct reply *reply, struct holdfast_metrics_reply *seen,
                           const MESSAGE(MetricsReply) * metrics)
{
    if (metrics->stats == NULL || metrics->guarantee == NULL ||
        !describe_stats(reply, metrics->stats) || !describe_guarantee(reply, metrics->guarantee))
        return false;
    seen->stats = reply->seen.stats;
    seen->guarantee = reply->seen.guarantee;
    reply->seen.stats = NULL;
    reply->seen.guarantee = NULL;
    return true;
}

bool describe_metrics(struct reply *reply, const MESSAGE(MetricsReply) * metrics)
{
    struct holdfast_metrics_reply *seen = REPLY_MAKE(reply, holdfast_metrics_reply);
    if (seen == NULL)
        return false;
    *seen = (struct holdfast_metrics_reply){
        .name = metrics->name,
        .version = metrics->version,
        .vcpus = metrics->vcpus,
        .objects = metrics->objects,
        .memory_bytes = metrics->memory_bytes,
        .processor_ns = metrics->processor_ns,
    };
    reply->seen.metrics = seen;
    return describe_parts(reply, seen, metrics) && describe_latencies(reply, seen, metrics) &&
           describe_process(reply, seen, metrics->process_memory);
}
