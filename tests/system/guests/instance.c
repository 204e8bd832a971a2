/* SPDX-License-Identifier: MIT
 * Tells the instance number, resets the VM once and tells it again. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

static uint64_t instance(void)
{
    uint32_t leaf[4];

    for (uint32_t base = HF_CPUID_FIRST; base <= HF_CPUID_LAST; base += HF_CPUID_STEP) {
        __asm__ volatile("cpuid"
                         : "=a"(leaf[0]), "=b"(leaf[1]), "=c"(leaf[2]), "=d"(leaf[3])
                         : "a"(base), "c"(0));
        if (memcmp(&leaf[1], HF_CPUID_SIGNATURE, 12) != 0)
            continue;
        if (leaf[0] < base + HF_CPUID_LEAF_INSTANCE)
            return 0;
        __asm__ volatile("cpuid"
                         : "=a"(leaf[0]), "=b"(leaf[1]), "=c"(leaf[2]), "=d"(leaf[3])
                         : "a"(base + HF_CPUID_LEAF_INSTANCE), "c"(0));
        return (uint64_t)leaf[1] << 32 | leaf[0];
    }
    return 0;
}

int guest_main(void)
{
    struct hf_object_open object;
    struct hf_window window;
    void *boots;

    CHECK_EQUAL(hf_init(), HF_OK);
    hf_printf("instance 0x%llx\n", (unsigned long long)instance());
    CHECK_EQUAL(hf_object_open("boots", &object), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    const struct hf_extent list = {0, 1, object.id};
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, &boots), HF_OK);
    if (++*(uint64_t *)boots == 1)
        nano_reset();
    return 0;
}
