/* SPDX-License-Identifier: MIT
 * CPUID announces Holdfast on every CPU with the leaves of the ABI, and INFO says the same. */
/* vm: --vcpus 3 --arena 768M --object name=a,size=4K --object name=b,size=4K */
#include "raw_calls.h"

struct leaf {
    uint32_t eax;
    uint32_t ebx;
    uint32_t ecx;
    uint32_t edx;
};

struct answer {
    uint32_t base;
    struct leaf calls;
    struct leaf arena;
    struct leaf events;
    struct leaf instance;
};

static struct leaf cpuid(uint32_t number)
{
    struct leaf leaf;

    __asm__ volatile("cpuid"
                     : "=a"(leaf.eax), "=b"(leaf.ebx), "=c"(leaf.ecx), "=d"(leaf.edx)
                     : "a"(number), "c"(0));
    return leaf;
}

static void look(void *argument)
{
    struct answer *answer = argument;

    for (uint32_t base = HF_CPUID_FIRST; base <= HF_CPUID_LAST; base += HF_CPUID_STEP) {
        const struct leaf leaf = cpuid(base);
        if (memcmp(&leaf.ebx, HF_CPUID_SIGNATURE, 12) != 0)
            continue;
        if (leaf.eax >= base + HF_CPUID_LEAF_INSTANCE)
            answer->base = base;
        answer->calls = cpuid(base + HF_CPUID_LEAF_CALLS);
        answer->arena = cpuid(base + HF_CPUID_LEAF_ARENA);
        answer->events = cpuid(base + HF_CPUID_LEAF_EVENTS);
        answer->instance = cpuid(base + HF_CPUID_LEAF_INSTANCE);
        return;
    }
}

int guest_main(void)
{
    struct answer answers[3];
    struct hf_info info;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(nano_cpus(), 3);
    memset(answers, 0, sizeof answers);
    memset(&info, 0xff, sizeof info);
    CHECK_EQUAL(CALL(INFO, info), HF_OK);
    look(&answers[0]);
    for (uint32_t cpu = 1; cpu < 3; cpu++) {
        nano_run_on(cpu, look, &answers[cpu]);
        nano_wait_for(cpu);
    }
    for (unsigned i = 0; i < 3; i++) {
        const struct leaf *calls = &answers[i].calls;
        const struct leaf *arena = &answers[i].arena;
        const struct leaf *events = &answers[i].events;
        const struct leaf *instance = &answers[i].instance;
        CHECK(answers[i].base != 0);
        CHECK_EQUAL(calls->eax, HF_ABI_VERSION);
        CHECK_EQUAL(calls->ebx, info.features);
        CHECK((calls->ebx & HF_FEATURE_PIO) != 0);
        CHECK_EQUAL(calls->ecx, HF_PORT_CALL);
        CHECK_EQUAL(calls->edx, HF_PORT_EXIT);
        CHECK_EQUAL((uint64_t)arena->ebx << 32 | arena->eax, info.arena_base.value);
        CHECK_EQUAL((uint64_t)arena->edx << 32 | arena->ecx, info.arena_pages);
        CHECK_EQUAL(events->eax, 5);
        CHECK_EQUAL(events->ebx | events->ecx | events->edx, 0);
        CHECK((instance->eax | instance->ebx) != 0);
        CHECK(memcmp(instance, &answers[0].instance, sizeof *instance) == 0);
        CHECK_EQUAL(instance->ecx | instance->edx, 0);
    }
    CHECK_EQUAL(info.abi_version, HF_ABI_VERSION);
    CHECK_EQUAL(info.arena_pages, 768 << 8);
    CHECK_EQUAL(info.arena_free, info.arena_pages);
    CHECK_EQUAL(info.arena_largest, info.arena_pages);
    CHECK_EQUAL(info.arena_base.value % HF_PAGE_SIZE, 0);
    CHECK(info.windows_max >= 1000);
    CHECK_EQUAL(info.windows_free, info.windows_max);
    CHECK(info.extents_max >= HF_LIST_MAX);
    CHECK_EQUAL(info.extents_free, info.extents_max);
    CHECK_EQUAL(info.list_max, HF_LIST_MAX);
    CHECK_EQUAL(info.objects, 2);
    return 0;
}
