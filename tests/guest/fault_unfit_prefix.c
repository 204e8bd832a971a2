/* SPDX-License-Identifier: MIT
 * MOVNTI with a prefix that does not belong to it: a processor refuses it, KVM's emulator overlooks
 * the prefix and stores. Either way the exception is at the instruction, not behind its prefix. */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG       0x54455354u
#define VECTOR_UD 6u
#define VECTOR_GP 13u

FAULT_FORM(prefix_66, "", ".byte 0x66, 0x0f, 0xc3, 0x07", "");
FAULT_FORM(prefix_f2, "", ".byte 0xf2, 0x48, 0x0f, 0xc3, 0x07", "");
FAULT_FORM(prefix_f3_66, "", ".byte 0xf3, 0x66, 0x0f, 0xc3, 0x07", "");
FAULT_FORM(prefix_ds_f3, "", ".byte 0x3e, 0xf3, 0x0f, 0xc3, 0x07", "");

static const struct fault_form forms[] = {
    FAULT_ROW(prefix_66),
    FAULT_ROW(prefix_f2),
    FAULT_ROW(prefix_f3_66),
    FAULT_ROW(prefix_ds_f3),
};

int guest_main(void)
{
    struct hf_window window;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct nano_exception it = {0};
        CHECK(!nano_try(forms[i].function, window.address, &it));
        CHECK(it.vector == VECTOR_UD || it.vector == VECTOR_GP);
        CHECK_EQUAL(it.rip, (uintptr_t)forms[i].rip);
    }
    return 0;
}
