/* SPDX-License-Identifier: MIT
 * A copy from a page that is not mapped ends with #GP before it has stored anything, however much
 * was to be copied. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

struct copy {
    const char *from;
    char *to;
    uint64_t count;
};

static void copy_bytes(void *argument)
{
    struct copy it = *(struct copy *)argument;

    __asm__ volatile("rep movsb" : "+D"(it.to), "+S"(it.from), "+c"(it.count) : : "memory");
}

static void copy_words(void *argument)
{
    struct copy it = *(struct copy *)argument;

    __asm__ volatile("rep movsq" : "+D"(it.to), "+S"(it.from), "+c"(it.count) : : "memory");
}

static int check(void (*function)(void *), const struct copy *copy)
{
    struct copy it = *copy;
    struct nano_exception exception;

    memset(it.to, 'x', 4096);
    CHECK(!nano_try(function, &it, &exception));
    CHECK_EQUAL(exception.vector, 13);
    for (size_t i = 0; i < 4096; i++)
        CHECK_EQUAL(it.to[i], 'x');
    return 0;
}

int guest_main(void)
{
    struct hf_window window;
    struct copy copy = {.to = nano_pages(1)};

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    copy.from = window.address;
    for (copy.count = 1; copy.count <= 512; copy.count *= 2) {
        CHECK_EQUAL(check(copy_bytes, &copy), 0);
        CHECK_EQUAL(check(copy_words, &copy), 0);
    }
    return 0;
}
