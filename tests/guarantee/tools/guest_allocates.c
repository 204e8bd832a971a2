/* SPDX-License-Identifier: MIT
 * For a guest that is linked with --wrap=hf_platform_pin, with which each call of the guest library
 * begins: one that allocates then. */
#include "guest/lib/platform.h"

uint64_t __real_hf_platform_pin(void);
uint64_t __wrap_hf_platform_pin(void);

uint64_t __wrap_hf_platform_pin(void)
{
    void *page = hf_platform_alloc(HF_PAGE_SIZE, HF_PAGE_SIZE);

    if (page == NULL)
        hf_platform_die(3, "a call of the guest library has found no page");
    hf_platform_free(page, HF_PAGE_SIZE);
    return __real_hf_platform_pin();
}
