/* SPDX-License-Identifier: MIT
 * Maps and unmaps for ever, and runs instructions that name addresses in a window which they do not
 * access: no page is there, and none is needed. What follows a write to where nothing is, is
 * where the vCPU enters KVM again, if KVM emulates the guest. */
#include "guest/lib/platform.h"
#include "holdfast/guest.h"
#include "nano.h"

#define TAG 0x54455354u

#define HOLE  0xd0000000ul /* no RAM, no device */
#define ENTER "mov %%al, (%3)\n"

int guest_main(void)
{
    struct hf_window window;
    const struct hf_extent one = {(uintptr_t)nano_pages(1) / HF_PAGE_SIZE, 1, HF_RAM};
    void *first;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(3 * 4096, TAG, 0, 0, &window), HF_OK);
    char *nothing = (char *)window.address + 4096;
    CHECK(hf_platform_window_add((hf_gpa){HOLE}, 1) != NULL);
    hf_printf("ready\n");
    for (;;) {
        CHECK_EQUAL(hf_map(&window, 0, &one, 1, 0, NULL, &first), HF_OK);
        __asm__ volatile(ENTER "prefetcht0 (%0)\n" ENTER "prefetchw (%0)\n" ENTER
                               "nopl 8(%0)\n" ENTER "lea (%0), %%rdx\n" ENTER "rep movsb\n" ENTER
                               "rep stosq\n" ENTER "repe cmpsb\n" ENTER
                               /* the bit is in the page before */
                               "bts %2, (%0)\n" ENTER "btl $3, (%1)\n"
                         :
                         : "r"(nothing), "r"(first), "r"(-4096l * 8), "r"(HOLE), "D"(nothing),
                           "S"(nothing), "c"(0l)
                         : "rdx", "memory", "cc");
        CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    }
}
