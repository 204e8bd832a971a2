/* SPDX-License-Identifier: MIT
 * FLUSH takes the id of an attached object and nothing else. */
/* vm: --object name=memory,size=64K */
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_object_open object;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("memory", &object), HF_OK);
    struct hf_flush call = {.object = object.id, .zero = 1};
    CHECK_REFUSED(0, FLUSH, call, HF_BAD_FLAGS);
    call = (struct hf_flush){.object = HF_RAM};
    CHECK_REFUSED(0, FLUSH, call, HF_NO_OBJECT);
    call.object = object.id + 1;
    CHECK_REFUSED(0, FLUSH, call, HF_NO_OBJECT);
    call.object = UINT32_MAX;
    CHECK_REFUSED(0, FLUSH, call, HF_NO_OBJECT);
    call.object = object.id;
    CHECK_EQUAL(CALL(FLUSH, call), HF_OK);
    return 0;
}
