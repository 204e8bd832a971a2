/* SPDX-License-Identifier: MIT
 * What a VM and its VMM are and do. */
#include "room.h"

#include <string.h>

typedef struct holdfast_metrics_reply reply_t;

static void write_up(struct writer *writer, const struct metrics_vm *vm)
{
    if (vm->state != METRICS_FORBIDDEN)
        sample_of(writer, vm, NULL, NULL,
                  vm->state == METRICS_TOLD || vm->state == METRICS_TOO_OLD);
}

static void write_answer(struct writer *writer, const struct metrics_vm *vm)
{
    if (vm->state != METRICS_FORBIDDEN)
        sample_of(writer, vm, NULL, NULL, vm->waited_ns);
}

/* A word of a few: whatever a VMM says, there are no other values. */
static const char *guarantee_of(const reply_t *reply)
{
    static const char *const known[] = {"off", "best-effort", "strict"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(reply->guarantee->mode, known[i]) == 0)
            return known[i];
    return "unknown";
}

static void write_info(struct writer *writer, const struct metrics_vm *vm)
{
    const reply_t *reply = vm->reply->metrics;
    const struct label labels[] = {
        {"vm", vm->name}, {"version", reply->version}, {"guarantee", guarantee_of(reply)}};

    sample_write(writer, NULL, labels, 3, 1);
}

static void write_state(struct writer *writer, const struct metrics_vm *vm)
{
    const enum holdfast_state state = vm->reply->metrics->stats->state;

    sample_of(writer, vm, "state", "running", state == HOLDFAST_STATE_RUNNING);
    sample_of(writer, vm, "state", "paused", state == HOLDFAST_STATE_PAUSED);
    sample_of(writer, vm, "state", "ended", state == HOLDFAST_STATE_ENDED);
}

static void write_memory(struct writer *writer, const struct metrics_vm *vm)
{
    const struct holdfast_process_memory *memory = vm->reply->metrics->process_memory;

    if (memory == NULL)
        return;
    sample_of(writer, vm, "kind", "anonymous", memory->anonymous_bytes);
    sample_of(writer, vm, "kind", "file", memory->file_bytes);
    sample_of(writer, vm, "kind", "page_tables", memory->page_table_bytes);
}

static uint64_t add(uint64_t sum, uint64_t more)
{
    return more > UINT64_MAX - sum ? UINT64_MAX : sum + more;
}

static void write_histogram(struct writer *writer, const struct metrics_vm *vm,
                            const struct holdfast_latency *latency)
{
    struct label labels[] = {{"vm", vm->name}, {"call", latency->call}, {"le", NULL}};
    char bound[SAMPLE_NUMBER];
    uint64_t count = 0;

    for (size_t i = 0; i < latency->bounds_ns_count; i++) {
        sample_bound(latency->bounds_ns[i], bound);
        labels[2].value = bound;
        count = add(count, latency->counts[i]);
        sample_write(writer, "_bucket", labels, 3, count);
    }
    labels[2].value = "+Inf";
    count = add(count, latency->counts[latency->bounds_ns_count]);
    sample_write(writer, "_bucket", labels, 3, count);
    sample_write(writer, "_count", labels, 2, count);
    sample_write(writer, "_sum", labels, 2, latency->sum_ns);
}

static void write_latencies(struct writer *writer, const struct metrics_vm *vm)
{
    const reply_t *reply = vm->reply->metrics;

    for (size_t i = 0; i < reply->latencies_count; i++)
        write_histogram(writer, vm, reply->latencies[i]);
}

#define OF_REPLY(member)                                                                           \
    static uint64_t member(const reply_t *reply)                                                   \
    {                                                                                              \
        return reply->member;                                                                      \
    }
#define OF_STATS(member)                                                                           \
    static uint64_t member(const reply_t *reply)                                                   \
    {                                                                                              \
        return reply->stats->member;                                                               \
    }

OF_REPLY(vcpus)
OF_REPLY(memory_bytes)
OF_REPLY(objects)
OF_REPLY(processor_ns)
OF_STATS(uptime_ms)
OF_STATS(resets)
OF_STATS(exits)
OF_STATS(calls)
OF_STATS(refused)
OF_STATS(reserves)
OF_STATS(releases)
OF_STATS(maps)
OF_STATS(unmaps)
OF_STATS(faults)
OF_STATS(host_failures)
OF_STATS(flushes)
OF_STATS(discards)
OF_STATS(io_errors)

const struct family families_vm[] = {
    {"up", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "Whether the VM's VMM has answered in time, 1 or 0.",
     .write = write_up, .is_of_all = true},
    {"answer_seconds", "seconds", FAMILY_GAUGE, FAMILY_NS,
     "How long the answer took, or was waited for in vain.", .write = write_answer,
     .is_of_all = true},
    {"vm", NULL, FAMILY_INFO, FAMILY_WHOLE,
     "Version of the VM's holdfast-vmm, and mode of its guarantee.", .write = write_info},
    {"vm_state", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "Which state the machine is in, 1 or 0.",
     .write = write_state},
    {"uptime_seconds", "seconds", FAMILY_GAUGE, FAMILY_MS, "Time since the VMM started.",
     .value = uptime_ms},
    {"vcpus", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "Virtual processors.", .value = vcpus},
    {"ram_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE, "RAM of the guest.", .value = memory_bytes},
    {"objects", NULL, FAMILY_GAUGE, FAMILY_WHOLE, "Objects that are attached.", .value = objects},
    {"resets", NULL, FAMILY_COUNTER, FAMILY_WHOLE, "Resets of the machine.", .value = resets},
    {"exits", NULL, FAMILY_COUNTER, FAMILY_WHOLE, "Returns from KVM_RUN.", .value = exits},
    {"calls", NULL, FAMILY_COUNTER, FAMILY_WHOLE, "Hypercalls of any kind.", .value = calls},
    {"calls_refused", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "Hypercalls that were answered with a status other than HF_OK.", .value = refused},
    {"reserves", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "RESERVEs that went through, since the start or the last reset.", .value = reserves},
    {"releases", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "RELEASEs that went through, since the start or the last reset.", .value = releases},
    {"maps", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "MAPs that went through, REMAPs included, since the start or the last reset.", .value = maps},
    {"unmaps", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "UNMAPs that went through, REMAPs included, since the start or the last reset.",
     .value = unmaps},
    {"call_duration_seconds", "seconds", FAMILY_HISTOGRAM, FAMILY_NS,
     "How long MAPs, UNMAPs and REMAPs took that went through.", .write = write_latencies},
    {"faults", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "Accesses of the guest that were answered with a #GP.", .value = faults},
    {"host_failures", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "Calls for which the host's kernel refused a mapping for good.", .value = host_failures},
    {"flushes", NULL, FAMILY_COUNTER, FAMILY_WHOLE, "FLUSHes that went through.", .value = flushes},
    {"discards", NULL, FAMILY_COUNTER, FAMILY_WHOLE, "DISCARDs that went through.",
     .value = discards},
    {"io_errors", NULL, FAMILY_COUNTER, FAMILY_WHOLE,
     "FLUSHes and DISCARDs that the host's storage failed.", .value = io_errors},
    {"vmm_memory_bytes", "bytes", FAMILY_GAUGE, FAMILY_WHOLE,
     "Memory that the VMM's process takes beside RAM and objects without a file.",
     .write = write_memory},
    {"vmm_cpu_seconds", "seconds", FAMILY_COUNTER, FAMILY_NS,
     "Time of processors that the VMM's process has taken, its guest's included.",
     .value = processor_ns},
};
const size_t families_vm_count = sizeof families_vm / sizeof families_vm[0];
