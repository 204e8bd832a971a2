/* SPDX-License-Identifier: MIT
 * Makes page lists readable for the VMM. */
#include "guest/lib/list.h"

#include "guest/lib/platform.h"

int hf_list_find(const struct hf_extent *list, uint32_t count, hf_gpa *gpa)
{
    const char *first = (const char *)list;
    const char *end = (const char *)(list + count);
    const char *next = first + (HF_PAGE_SIZE - (uintptr_t)first % HF_PAGE_SIZE);
    hf_gpa page;

    if (count > HF_LIST_MAX)
        return HF_TOO_LARGE;
    if (!hf_platform_gpa(first, gpa))
        return HF_GUEST_LIST_APART;
    /* The VMM reads one run of guest-physical memory: where only the kernel addresses follow one
     * another, it would read somebody's data as extents. */
    for (; next < end; next += HF_PAGE_SIZE) {
        if (!hf_platform_gpa(next, &page) || page.value - gpa->value != (uint64_t)(next - first))
            return HF_GUEST_LIST_APART;
    }
    return HF_OK;
}

hf_gpa hf_list_copy(const struct hf_arguments *arguments, size_t bytes,
                    const struct hf_extent *list, uint32_t count)
{
    struct hf_extent *copy = (struct hf_extent *)(void *)((char *)arguments->page + bytes);

    for (uint32_t i = 0; i < count; i++)
        copy[i] = list[i];
    return (hf_gpa){.value = arguments->gpa.value + bytes};
}
