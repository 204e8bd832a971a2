/* SPDX-License-Identifier: MIT */
#include "hypercalls.h"
#include "vmm/arena/calls.h"
#include "vmm/memory/memory.h"

#include <stdbool.h>
#include <string.h>

union arguments {
    struct hf_info info;
    struct hf_object_open object_open;
    struct hf_reserve reserve;
    struct hf_map map;
    struct hf_unmap unmap;
    struct hf_remap remap;
    struct hf_release release;
    struct hf_stat stat;
    struct hf_flush flush;
    struct hf_discard discard;
};
_Static_assert(sizeof(union arguments) <= HF_PAGE_SIZE, "arguments lie in one page");

struct caller {
    const struct hypercalls *hypercalls;
    struct arena *arena;
    const struct arena_caller *vcpu;
};

static enum hf_status call_info(const struct caller *caller, union arguments *arguments)
{
    arena_info(caller->arena, &arguments->info);
    arguments->info.features |= caller->hypercalls->transports;
    return HF_OK;
}

static enum hf_status call_object_open(const struct caller *caller, union arguments *arguments)
{
    return arena_object_open(caller->arena, &arguments->object_open);
}

static enum hf_status call_reserve(const struct caller *caller, union arguments *arguments)
{
    if (arguments->reserve.zero != 0)
        return HF_BAD_FLAGS;
    return arena_reserve(caller->arena, caller->vcpu, &arguments->reserve);
}

static enum hf_status call_map(const struct caller *caller, union arguments *arguments)
{
    return arena_map(caller->arena, caller->vcpu, &arguments->map);
}

static enum hf_status call_unmap(const struct caller *caller, union arguments *arguments)
{
    if (arguments->unmap.zero != 0)
        return HF_BAD_FLAGS;
    return arena_unmap(caller->arena, caller->vcpu, &arguments->unmap);
}

static enum hf_status call_remap(const struct caller *caller, union arguments *arguments)
{
    return arena_remap(caller->arena, caller->vcpu, &arguments->remap);
}

static enum hf_status call_release(const struct caller *caller, union arguments *arguments)
{
    if (arguments->release.zero != 0)
        return HF_BAD_FLAGS;
    return arena_release(caller->arena, caller->vcpu, &arguments->release);
}

static enum hf_status call_stat(const struct caller *caller, union arguments *arguments)
{
    return arena_stat(caller->arena, &arguments->stat);
}

static enum hf_status call_flush(const struct caller *caller, union arguments *arguments)
{
    if (arguments->flush.zero != 0)
        return HF_BAD_FLAGS;
    return arena_flush(caller->arena, &arguments->flush);
}

static enum hf_status call_discard(const struct caller *caller, union arguments *arguments)
{
    if (arguments->discard.zero != 0)
        return HF_BAD_FLAGS;
    return arena_discard(caller->arena, caller->vcpu, &arguments->discard);
}

static const struct {
    enum hf_status (*perform)(const struct caller *caller, union arguments *arguments);
    size_t bytes;
} calls[] = {
    [HF_CALL_INFO] = {call_info, sizeof(struct hf_info)},
    [HF_CALL_OBJECT_OPEN] = {call_object_open, sizeof(struct hf_object_open)},
    [HF_CALL_RESERVE] = {call_reserve, sizeof(struct hf_reserve)},
    [HF_CALL_MAP] = {call_map, sizeof(struct hf_map)},
    [HF_CALL_UNMAP] = {call_unmap, sizeof(struct hf_unmap)},
    [HF_CALL_REMAP] = {call_remap, sizeof(struct hf_remap)},
    [HF_CALL_RELEASE] = {call_release, sizeof(struct hf_release)},
    [HF_CALL_STAT] = {call_stat, sizeof(struct hf_stat)},
    [HF_CALL_FLUSH] = {call_flush, sizeof(struct hf_flush)},
    [HF_CALL_DISCARD] = {call_discard, sizeof(struct hf_discard)},
};

static enum hf_status decode(const struct hypercalls *hypercalls, const struct arena_caller *vcpu,
                             uint64_t call, uint64_t argument_gpa, uint8_t cpl)
{
    union arguments arguments;

    if (cpl != 0)
        return HF_PRIVILEGE;
    if (call >= sizeof calls / sizeof calls[0] || calls[call].perform == NULL)
        return HF_UNKNOWN_CALL;
    if (argument_gpa % HF_PAGE_SIZE != 0)
        return HF_BAD_ADDRESS;
    void *page = memory_ram_at(hypercalls->memory, argument_gpa, HF_PAGE_SIZE);
    if (page == NULL)
        return HF_BAD_ADDRESS;

    memcpy(&arguments, page, calls[call].bytes);
    const struct caller caller = {hypercalls, hypercalls->arena, vcpu};
    const enum hf_status status = calls[call].perform(&caller, &arguments);
    if (status == HF_OK)
        memcpy(page, &arguments, calls[call].bytes);
    return status;
}

enum hf_status hypercalls_perform(const struct hypercalls *hypercalls,
                                  const struct arena_caller *vcpu, uint64_t call,
                                  uint64_t argument_gpa, uint8_t cpl)
{
    const enum hf_status status = decode(hypercalls, vcpu, call, argument_gpa, cpl);

    arena_count_call(hypercalls->arena, status);
    return status;
}
