/* SPDX-License-Identifier: MIT
 * Metrics tells in one answer what Stats and Guarantee tell, the histograms, and what the VMM
 * takes. */
#include "control_asking.h"

#include "vmm/process/footprint.h"

static const MESSAGE(MetricsReply) * ask_metrics(void **state)
{
    const Response *response = ASK(state, MetricsRequest, METRICS_REQUEST, METRICS, metrics);
    assert_int_equal(response->status, STATUS(OK));
    return response->metrics;
}

static void it_tells_what_the_vm_is(void **state)
{
    const MESSAGE(MetricsReply) *reply = ask_metrics(state);
    assert_string_equal(reply->name, "web");
    assert_string_equal(reply->version, "1.2.3");
    assert_int_equal(reply->vcpus, 2);
    assert_int_equal(reply->memory_bytes, 64 << 20);
    assert_int_equal(reply->objects, 2);
    assert_true(reply->processor_ns > 0);
}

static void it_holds_stats_and_guarantee(void **state)
{
    const MESSAGE(MetricsReply) *reply = ask_metrics(state);
    assert_int_equal(reply->stats->state, STATE(RUNNING));
    assert_int_equal(reply->stats->maps, 21);
    assert_int_equal(reply->stats->io_errors, 96);
    assert_int_equal(reply->stats->exits, 55);
    assert_string_equal(reply->guarantee->mode, "strict");
    assert_int_equal(reply->guarantee->ballast->held, 10);
    assert_int_equal(reply->guarantee->ballast->in_use, 11);
    assert_int_equal(reply->guarantee->ballast->limit, 12);
    assert_int_equal(reply->guarantee->refusals, 91);
    assert_int_equal(reply->guarantee->rescued, 92);
    assert_int_equal(reply->guarantee->n_tags, fake.tags);
}

static void the_histograms_are_told_bucket_by_bucket(void **state)
{
    const MESSAGE(MetricsReply) *reply = ask_metrics(state);
    assert_int_equal(reply->n_latencies, LATENCY_CALLS);
    for (size_t i = 0; i < reply->n_latencies; i++) {
        const MESSAGE(Latency) *latency = reply->latencies[i];
        assert_string_equal(latency->call, latency_name((enum latency_call)i));
        assert_int_equal(latency->n_bounds_ns, LATENCY_BOUNDS);
        assert_int_equal(latency->n_counts, LATENCY_BOUNDS + 1);
        assert_int_equal(latency->bounds_ns[1], 2000);
        assert_true(latency->counts[LATENCY_BOUNDS] == UINT64_MAX - LATENCY_BOUNDS);
        assert_int_equal(latency->sum_ns, 97 + i);
    }
}

static void as_many_tags_and_rescues_as_there_can_be_fit(void **state)
{
    fake.tags = ARENA_TAGS;
    fake.rescues = ARENA_RESCUES_MOST + 3;
    const MESSAGE(MetricsReply) *reply = ask_metrics(state);
    assert_int_equal(reply->guarantee->n_tags, ARENA_TAGS);
    assert_int_equal(reply->guarantee->n_rescues, ARENA_RESCUES_MOST);
    assert_int_equal(reply->guarantee->rescues_all, ARENA_RESCUES_MOST + 3);
    assert_int_equal(reply->n_latencies, LATENCY_CALLS);
}

/* Only once its file is open. */
static void memory_is_told_where_it_can_be(void **state)
{
    assert_null(ask_metrics(state)->process_memory);
    footprint_keep();
    const MESSAGE(ProcessMemory) *memory = ask_metrics(state)->process_memory;
    assert_non_null(memory);
    assert_true(memory->anonymous_bytes >= 64 << 10);
    assert_true(memory->file_bytes >= 64 << 10);
    assert_true(memory->page_table_bytes >= 4 << 10);

    const size_t more = 32 << 20;
    const uint64_t before = memory->anonymous_bytes;
    char *bytes = malloc(more);
    assert_non_null(bytes);
    memset(bytes, 1, more);
    assert_true(ask_metrics(state)->process_memory->anonymous_bytes >= before + more / 2);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_tells_what_the_vm_is),
        TEST(it_holds_stats_and_guarantee),
        TEST(the_histograms_are_told_bucket_by_bucket),
        TEST(as_many_tags_and_rescues_as_there_can_be_fit),
        TEST(memory_is_told_where_it_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
