/* SPDX-License-Identifier: MIT
 * Below CPL 0 every call is HF_PRIVILEGE, although the guest's kernel has opened the ports to
 * ring 3, and does nothing; without that the guest's own protection answers. */
#include "access.h"
#include "raw_calls.h"

struct attempt {
    uint32_t call;
    hf_gpa page;
    uint64_t status;
};

static void call_from_ring_3(void *argument)
{
    struct attempt *attempt = argument;

    attempt->status = hf_call_at(attempt->call, attempt->page);
}

/* Arguments with which the call would succeed. */
static void good_arguments(uint8_t *page, uint32_t call, const struct hf_window *window,
                           const struct hf_extent *list)
{
    const struct hf_map map = {.window = window->handle,
                               .page_offset = 1,
                               .list = raw_gpa(list),
                               .extents = 1,
                               .tag = TAG,
                               .cache = HF_CACHE_CACHED};
    const struct hf_remap remap = {.map = map, .old_offset = 0, .old_pages = 1};
    const struct hf_unmap unmap = {.window = window->handle, .pages = 1, .tag = TAG};
    const struct hf_reserve reserve = {.bytes = 1, .tag = TAG};

    memset(page, 0, 128);
    if (call == HF_CALL_RESERVE)
        memcpy(page, &reserve, sizeof reserve);
    else if (call == HF_CALL_MAP)
        memcpy(page, &map, sizeof map);
    else if (call == HF_CALL_UNMAP)
        memcpy(page, &unmap, sizeof unmap);
    else if (call == HF_CALL_REMAP)
        memcpy(page, &remap, sizeof remap);
    else if (call == HF_CALL_STAT || call == HF_CALL_RELEASE)
        memcpy(page, &window->handle, sizeof window->handle);
}

int guest_main(void)
{
    static const uint32_t calls[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 9, UINT32_MAX};
    struct hf_window window;
    uint8_t *page = nano_pages(1);
    const struct hf_extent list = {page_of(raw_pages), 1, HF_RAM};
    struct nano_exception exception;
    struct accounts before;
    struct accounts after;
    uint8_t copy[128];

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_use_transport(HF_FEATURE_PIO), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    CHECK_EQUAL(hf_map(&window, 0, &list, 1, 0, NULL, NULL), HF_OK);
    take_accounts(window.handle, &before);

    nano_user_ports(true);
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct attempt attempt = {.call = calls[i], .page = raw_gpa(page)};
        good_arguments(page, calls[i], &window, &list);
        memcpy(copy, page, sizeof copy);
        CHECK(nano_try_user(call_from_ring_3, &attempt, NULL));
        CHECK_EQUAL(attempt.status, HF_PRIVILEGE);
        CHECK(memcmp(copy, page, sizeof copy) == 0);
    }
    struct attempt attempt = {.call = HF_CALL_INFO, .page = {1}};
    CHECK(nano_try_user(call_from_ring_3, &attempt, NULL));
    CHECK_EQUAL(attempt.status, HF_PRIVILEGE);

    nano_user_ports(false);
    CHECK(!nano_try_user(call_from_ring_3, &attempt, &exception));
    CHECK_EQUAL(exception.vector, VECTOR_GP);

    take_accounts(window.handle, &after);
    CHECK(same_accounts(&before, &after));
    return 0;
}
