/* SPDX-License-Identifier: MIT
 * Hands call structures and page lists to the VMM. */
#include "guest/lib/submit.h"

#include "guest/lib/arguments.h"
#include "guest/lib/init.h"
#include "guest/lib/platform.h"
#include "guest/lib/transport.h"
#include "holdfast/guest.h"

#include <stdbool.h>

/* With VMCALL and VMMCALL, KVM answers some calls itself: -1 below CPL 0, else other negative
 * numbers. */
static int status_of(uint64_t answer)
{
    if (answer == UINT64_MAX)
        return HF_PRIVILEGE;
    return answer <= UINT16_MAX ? (int)answer : HF_GUEST_REFUSED;
}

static int call_in(const struct hf_arguments *arguments, enum hf_call call, void *structure,
                   size_t bytes)
{
    int status;

    __builtin_memcpy(arguments->page, structure, bytes);
    status = status_of(hf_transport_call((uint32_t)call, arguments->gpa));
    if (status == HF_OK)
        __builtin_memcpy(structure, arguments->page, bytes);
    return status;
}

int hf_submit(enum hf_call call, void *structure, size_t bytes)
{
    struct hf_arguments arguments;
    int status;

    if (!hf_is_ready())
        return HF_GUEST_NOT_READY;
    arguments = hf_arguments_pin();
    status = call_in(&arguments, call, structure, bytes);
    hf_arguments_unpin(&arguments);
    return status;
}

/* The VMM reads a list as one run of guest-physical memory: a list of which only the kernel
 * addresses are consecutive would be read as other extents. */
static bool contiguous(const struct hf_extent *list, uint32_t count, hf_gpa *gpa)
{
    const char *first = (const char *)list;
    const char *last = (const char *)(list + count) - 1;
    hf_gpa page;

    if (!hf_platform_gpa(first, gpa))
        return false;
    for (const char *at = first + (HF_PAGE_SIZE - (uintptr_t)first % HF_PAGE_SIZE); at <= last;
         at += HF_PAGE_SIZE) {
        if (!hf_platform_gpa(at, &page) || page.value - gpa->value != (uint64_t)(at - first))
            return false;
    }
    return true;
}

int hf_submit_list(enum hf_call call, struct hf_map *map, size_t bytes,
                   const struct hf_extent *list)
{
    struct hf_arguments arguments;
    int status;

    if (!hf_is_ready())
        return HF_GUEST_NOT_READY;
    if (map->extents > HF_LIST_MAX)
        return HF_TOO_LARGE;
    if (map->extents > HF_LIST_COPIED) {
        if (!contiguous(list, map->extents, &map->list))
            return HF_GUEST_LIST_APART;
        return hf_submit(call, map, bytes);
    }
    arguments = hf_arguments_pin();
    map->list.value = arguments.gpa.value + bytes;
    __builtin_memcpy((char *)arguments.page + bytes, list, map->extents * sizeof(*list));
    status = call_in(&arguments, call, map, bytes);
    hf_arguments_unpin(&arguments);
    return status;
}
