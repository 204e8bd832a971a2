/* SPDX-License-Identifier: MIT
 * Finds the VMM's CPUID leaves. */
#include "guest/lib/discover.h"

#include "holdfast/guest.h"

#include <stdbool.h>

struct leaf {
    uint32_t eax;
    uint32_t ebx;
    uint32_t ecx;
    uint32_t edx;
};

static struct leaf cpuid(uint32_t number)
{
    struct leaf leaf;

    __asm__ volatile("cpuid"
                     : "=a"(leaf.eax), "=b"(leaf.ebx), "=c"(leaf.ecx), "=d"(leaf.edx)
                     : "a"(number), "c"(0));
    return leaf;
}

static bool is_ours(const struct leaf *leaf)
{
    static const char signature[] = HF_CPUID_SIGNATURE;
    const uint32_t found[3] = {leaf->ebx, leaf->ecx, leaf->edx};

    return __builtin_memcmp(found, signature, sizeof found) == 0;
}

int hf_discover(struct hf_announcement *announcement)
{
    struct leaf leaf;
    uint32_t base = HF_CPUID_FIRST;

    /* Other hypervisors' interfaces may lie before ours, so the scan goes on past them. */
    for (;;) {
        leaf = cpuid(base);
        if (is_ours(&leaf) && leaf.eax >= base + HF_CPUID_LEAF_CALLS)
            break;
        if (base >= HF_CPUID_LAST)
            return HF_GUEST_NO_HOLDFAST;
        base += HF_CPUID_STEP;
    }
    leaf = cpuid(base + HF_CPUID_LEAF_CALLS);
    if (leaf.eax != HF_ABI_VERSION)
        return HF_GUEST_BAD_VERSION;
    announcement->features = leaf.ebx;
    announcement->call_port = (uint16_t)leaf.ecx;
    return HF_OK;
}
