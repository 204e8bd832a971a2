/* SPDX-License-Identifier: MIT
 * Tells each change interrupt, with the number of objects and whether "wanted" is one of them;
 * ends with the fourth. */
#include "holdfast/guest.h"
#include "nano.h"

static uint32_t line_of_changes(void)
{
    uint32_t leaf[4];

    for (uint32_t base = HF_CPUID_FIRST; base <= HF_CPUID_LAST; base += HF_CPUID_STEP) {
        __asm__ volatile("cpuid"
                         : "=a"(leaf[0]), "=b"(leaf[1]), "=c"(leaf[2]), "=d"(leaf[3])
                         : "a"(base), "c"(0));
        if (memcmp(&leaf[1], HF_CPUID_SIGNATURE, 12) != 0)
            continue;
        if (leaf[0] < base + HF_CPUID_LEAF_EVENTS)
            return 0;
        __asm__ volatile("cpuid"
                         : "=a"(leaf[0]), "=b"(leaf[1]), "=c"(leaf[2]), "=d"(leaf[3])
                         : "a"(base + HF_CPUID_LEAF_EVENTS), "c"(0));
        return leaf[0];
    }
    return 0;
}

int guest_main(void)
{
    const uint32_t line = line_of_changes();
    struct hf_object_open object;
    struct hf_info info;
    uint32_t seen = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK(line > 0 && line < NANO_LINES);
    nano_line_open(line);
    hf_printf("ready\n");
    while (seen < 4) {
        seen = nano_line_wait(line, seen);
        CHECK_EQUAL(hf_info(&info), HF_OK);
        hf_printf("change %u: %u objects, %s\n", seen, info.objects,
                  hf_object_open("wanted", &object) == HF_OK ? "wanted" : "not wanted");
    }
    return 0;
}
