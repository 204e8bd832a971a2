/* SPDX-License-Identifier: MIT
 * Where the arena has no window, before the first, behind the last and after a RELEASE, accesses
 * are #GP and count for no window; beyond the arena's end there is just nothing. */
/* vm: --arena 2M */
#include "access.h"
#include "guest/lib/platform.h"
#include "raw_calls.h"

int guest_main(void)
{
    struct hf_info info;
    struct hf_window window;
    struct hf_stat stat;
    uint64_t seen;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_info(&info), HF_OK);
    const uint64_t end = info.arena_base.value + (info.arena_pages << HF_PAGE_SHIFT);
    char *const whole = hf_platform_window_add(info.arena_base, info.arena_pages + 1);
    CHECK(whole != NULL);
    char *const last = (char *)(end - 4096);

    /* Before the first #GP: at the first exit after an injected exception, QEMU's emulated
     * processor still tells its type. KVM of Linux 7.2 takes that for an exception that is just
     * being delivered, and gives up where it has to emulate the access. */
    CHECK(can_read((char *)end, &seen));
    CHECK_EQUAL(seen, UINT64_MAX);
    CHECK(can_write((char *)end, 5));

    CHECK(read_is_gp(whole));
    CHECK(write_is_gp(whole));
    CHECK(read_is_gp(last + 4088));
    CHECK(write_is_gp(last));
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    CHECK(window.address == whole);
    CHECK(read_is_gp(whole + 4096));
    CHECK(read_is_gp(last));
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK_EQUAL(stat.faults, 0);
    CHECK(read_is_gp(whole));
    CHECK_EQUAL(hf_stat(&window, &stat), HF_OK);
    CHECK_EQUAL(stat.faults, 1);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    CHECK(read_is_gp(whole));
    return 0;
}
