/* SPDX-License-Identifier: MIT
 * String output to the port of the calls, and string input from it, end like any other and are
 * answered with a status; calls work afterwards. */
#include "raw_calls.h"

#define COUNT 64u

int guest_main(void)
{
    struct hf_reserve *page = nano_pages(1);
    uint32_t *words = nano_pages(1);
    const void *from = words;
    void *to = words;
    uint64_t rax = 0x5555;
    uint64_t count = COUNT;
    struct hf_info info;

    CHECK_EQUAL(hf_init(), HF_OK);
    for (unsigned i = 0; i < COUNT; i++)
        words[i] = HF_CALL_RESERVE; /* of nothing */
    __asm__ volatile("rep outsl"
                     : "+a"(rax), "+S"(from), "+c"(count)
                     : "b"(page), "d"((uint16_t)HF_PORT_CALL)
                     : "memory");
    CHECK_EQUAL(count, 0);
    CHECK(from == words + COUNT);
    CHECK(rax == HF_RESERVE_NOTHING || rax == HF_UNKNOWN_CALL);

    count = COUNT;
    __asm__ volatile("rep insl" : "+D"(to), "+c"(count) : "d"((uint16_t)HF_PORT_CALL) : "memory");
    CHECK_EQUAL(count, 0);
    CHECK(to == words + COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        CHECK_EQUAL(words[i], HF_UNKNOWN_CALL);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    return 0;
}
