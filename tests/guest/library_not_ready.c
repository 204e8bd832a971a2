/* SPDX-License-Identifier: MIT
 * Before hf_init() every function says so and does nothing; after it, again, is fine; a transport
 * that is not announced is refused and the one in use stays. */
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_window window = {.handle = 1};
    struct hf_object_open object;
    struct hf_info info;
    struct hf_stat stat;
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};

    CHECK_EQUAL(hf_info(&info), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_object_open("disk", &object), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_remap(&window, 0, 1, 0, &list, 1, 0, NULL, NULL), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_stat(&window, &stat), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_release(&window), HF_GUEST_NOT_READY);
    CHECK_EQUAL(window.handle, 1);
    CHECK_EQUAL(hf_call(HF_CALL_INFO, raw_pages), HF_GUEST_NOT_READY);
    CHECK_EQUAL(hf_use_transport(HF_FEATURE_PIO), HF_GUEST_NO_TRANSPORT);

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    for (unsigned bit = 0; bit < 32; bit++) {
        const uint32_t feature = 1u << bit;
        const bool is_transport = feature <= HF_FEATURE_VMMCALL;
        CHECK_EQUAL(hf_use_transport(feature),
                    is_transport && (info.features & feature) != 0 ? HF_OK : HF_GUEST_NO_TRANSPORT);
    }
    CHECK_EQUAL(hf_use_transport(0), HF_GUEST_NO_TRANSPORT);
    CHECK_EQUAL(hf_use_transport(HF_FEATURE_PIO | HF_FEATURE_VMCALL), HF_GUEST_NO_TRANSPORT);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(hf_call(HF_CALL_INFO, (void *)0x123456789000), HF_BAD_ADDRESS);
    return 0;
}
