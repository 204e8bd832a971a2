/* SPDX-License-Identifier: MIT
 * A DISCARD of no pages, of none or a read-only object, or of pages that the object does not have
 * is refused, however large its numbers, and changes nothing. */
/* before: seq -f 'line %010.0f' 0 1023 >"$work/file" && cp "$work/file" "$work/was" */
/* vm: --object "name=rw,path=$work/file" --object "name=ro,path=$work/file,access=ro" */
/* after: cmp "$work/file" "$work/was" */
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_object_open rw;
    struct hf_object_open ro;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_object_open("rw", &rw), HF_OK);
    CHECK_EQUAL(hf_object_open("ro", &ro), HF_OK);
    const struct {
        struct hf_discard call;
        int wanted;
    } wrong[] = {
        {{0, 1, rw.id, 1}, HF_BAD_FLAGS},         {{0, 0, rw.id, 0}, HF_EMPTY_LIST},
        {{0, 1, HF_RAM, 0}, HF_NO_OBJECT},        {{0, 1, ro.id + 1, 0}, HF_NO_OBJECT},
        {{0, 1, UINT32_MAX, 0}, HF_NO_OBJECT},    {{0, 5, rw.id, 0}, HF_BAD_PAGE},
        {{4, 1, rw.id, 0}, HF_BAD_PAGE},          {{3, 2, rw.id, 0}, HF_BAD_PAGE},
        {{3, UINT64_MAX, rw.id, 0}, HF_BAD_PAGE}, {{3, UINT64_MAX - 2, rw.id, 0}, HF_BAD_PAGE},
        {{UINT64_MAX, 1, rw.id, 0}, HF_BAD_PAGE}, {{UINT64_MAX, 2, rw.id, 0}, HF_BAD_PAGE},
        {{1ull << 52, 1, rw.id, 0}, HF_BAD_PAGE}, {{0, 1ull << 52, rw.id, 0}, HF_BAD_PAGE},
        {{4, 1, ro.id, 0}, HF_BAD_PAGE},          {{0, 1, ro.id, 0}, HF_READ_ONLY},
    };

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_REFUSED(0, DISCARD, wrong[i].call, wrong[i].wanted);
    return 0;
}
