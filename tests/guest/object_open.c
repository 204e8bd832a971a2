/* SPDX-License-Identifier: MIT
 * OBJECT_OPEN tells id, size and rights of an attached object, by its whole name only; a name
 * that is unknown, empty or not terminated is HF_NO_OBJECT. */
/* before: head -c 5000 /dev/zero >"$work/file" */
/* vm: --object name=disk,size=1M --object "name=half,path=$work/file" */
/* vm: --object "name=reading,path=$work/file,size=4096,access=ro" */
/* vm: --object name=the-name-of-an-object-may-be-63-bytes-long-with-its-closing-NUL,size=8K */
#include "raw_calls.h"

#define LONGEST "the-name-of-an-object-may-be-63-bytes-long-with-its-closing-NUL"

static int open_raw(const char *bytes, size_t count, struct hf_object_open *object)
{
    memset(object, 0xff, sizeof *object);
    memcpy(object->name, bytes, count);
    return CALL(OBJECT_OPEN, *object);
}

int guest_main(void)
{
    static const char *const unknown[] = {"",      "dis",   "disk2", "Disk", "disk ", " disk",
                                          "half2", "/disk", "ram",   "*",    "%s%n"};
    struct hf_object_open object;
    struct hf_info info;
    uint32_t ids[4];

    _Static_assert(sizeof LONGEST == HF_OBJECT_NAME_MAX, "the longest there is");
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    CHECK_EQUAL(info.objects, 4);

    CHECK_EQUAL(hf_object_open("disk", &object), HF_OK);
    CHECK_EQUAL(object.bytes, 1 << 20);
    CHECK_EQUAL(object.rights, HF_OBJECT_WRITABLE);
    ids[0] = object.id;
    CHECK_EQUAL(hf_object_open("half", &object), HF_OK);
    CHECK_EQUAL(object.bytes, 5000);
    CHECK_EQUAL(object.rights, HF_OBJECT_WRITABLE);
    ids[1] = object.id;
    CHECK_EQUAL(hf_object_open("reading", &object), HF_OK);
    CHECK_EQUAL(object.bytes, 4096);
    CHECK_EQUAL(object.rights, 0);
    ids[2] = object.id;
    CHECK_EQUAL(hf_object_open(LONGEST, &object), HF_OK);
    CHECK_EQUAL(object.bytes, 8192);
    ids[3] = object.id;
    for (unsigned i = 0; i < 4; i++) {
        CHECK(ids[i] != HF_RAM);
        for (unsigned j = 0; j < i; j++)
            CHECK(ids[i] != ids[j]);
    }
    CHECK_EQUAL(hf_object_open("disk", &object), HF_OK);
    CHECK_EQUAL(object.id, ids[0]);

    for (unsigned i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        CHECK_EQUAL(hf_object_open(unknown[i], &object), HF_NO_OBJECT);
    CHECK_EQUAL(hf_object_open(LONGEST "x", &object), HF_NO_OBJECT);

    /* What follows the NUL does not matter; without NUL there is no name. */
    CHECK_EQUAL(open_raw("disk", 5, &object), HF_OK);
    CHECK_EQUAL(object.id, ids[0]);
    CHECK_EQUAL(open_raw("disk", 4, &object), HF_NO_OBJECT);
    CHECK_EQUAL(open_raw(LONGEST "x", HF_OBJECT_NAME_MAX, &object), HF_NO_OBJECT);
    CHECK_EQUAL(open_raw("", 0, &object), HF_NO_OBJECT);
    return 0;
}
