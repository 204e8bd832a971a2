/* SPDX-License-Identifier: MIT
 * RESERVE and RELEASE: windows come and go, in the VMM and in the guest's address space. */
#include "guest/lib/page_state.h"
#include "guest/lib/platform.h"
#include "guest/lib/submit.h"
#include "holdfast/guest.h"

static int release(uint64_t handle, uint32_t tag)
{
    struct hf_release call = {.window = handle, .tag = tag};

    return hf_submit(HF_CALL_RELEASE, &call, sizeof call);
}

/* A kernel address for the window, as its flags want it. */
static int add_address(const struct hf_reserve *reserved, void **address)
{
    void *added = hf_platform_window_add(reserved->base, reserved->pages);

    if (added == NULL)
        return HF_GUEST_NO_MEMORY;
    if ((reserved->flags & HF_RESERVE_DIVISIBLE) &&
        (uintptr_t)added % (reserved->pages * HF_PAGE_SIZE) != 0) {
        hf_platform_window_remove(added, reserved->pages);
        return HF_GUEST_NO_ADDRESS;
    }
    *address = added;
    return HF_OK;
}

int hf_reserve(uint64_t bytes, uint32_t tag, uint32_t flags, uint32_t max_extents,
               struct hf_window *window)
{
    struct hf_reserve call = {
        .bytes = bytes, .tag = tag, .flags = flags, .max_extents = max_extents};
    void *address;
    int status = hf_submit(HF_CALL_RESERVE, &call, sizeof call);

    if (status != HF_OK)
        return status;
    status = add_address(&call, &address);
    if (status != HF_OK) {
        release(call.window, tag);
        return status;
    }
    *window = (struct hf_window){.handle = call.window,
                                 .address = address,
                                 .base = call.base,
                                 .pages = call.pages,
                                 .tag = tag,
                                 .flags = flags,
                                 .max_extents = call.max_extents,
                                 .page_state = hf_page_state_fresh()};
    return HF_OK;
}

int hf_release(struct hf_window *window)
{
    int status = release(window->handle, window->tag);

    if (status != HF_OK)
        return status;
    hf_platform_window_remove(window->address, window->pages);
    *window = (struct hf_window){0};
    return HF_OK;
}
