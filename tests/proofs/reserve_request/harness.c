/* SPDX-License-Identifier: MIT */
/* holds: every RESERVE: bytes, tag, flags, most extents */
/* options: --unsigned-overflow-check --unwind 2 */
#include "tests/proofs/proof.h"
#include "vmm/windows/reserve.c"

struct reserve_request nondet_request(void);

/* As many pages as hold the bytes and no more, or the first status that applies. */
void harness(void)
{
    const struct reserve_request request = nondet_request();
    const uint32_t before = nondet_u32();
    uint32_t pages = before;
    const enum hf_status status = check_request(&request, &pages);
    const bool is_too_large = request.bytes > (uint64_t)UINT32_MAX * HF_PAGE_SIZE;

    CLAIM(status == (request.bytes == 0 ? HF_RESERVE_NOTHING
                     : request.tag == 0 ? HF_BAD_TAG
                     : (request.flags | HF_RESERVE_DIVISIBLE) != HF_RESERVE_DIVISIBLE ? HF_BAD_FLAGS
                     : is_too_large                                                   ? HF_TOO_LARGE
                                                                                      : HF_OK));
    CLAIM(status == HF_OK || pages == before);
    CLAIM(status != HF_OK || pages > 0);
    CLAIM(status != HF_OK || pages * HF_PAGE_SIZE >= request.bytes);
    CLAIM(status != HF_OK || (pages - 1) * HF_PAGE_SIZE < request.bytes);
    REACHED();
}
