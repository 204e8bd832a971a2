/* SPDX-License-Identifier: MIT
 * What another vCPU provokes by its accesses takes no ballast away: no RESERVE is refused
 * meanwhile.
 */
/* vm: --vcpus 2 */
#include "fault_forms.h"
#include "holdfast/guest.h"

#define TAG     0x54455354u
#define ROUNDS  30u
#define EXTENTS 512u /* that one window may have; what is set aside for them is not little */

/* Instructions whose accesses are found, and are not found. */
FAULT_FORM(push, "mov %rdi, %rsp", ".byte 0x67; push %rax", "");
FAULT_FORM(return_interrupt, "lea 8(%rdi), %rsp", "iretq", "");
FAULT_FORM(load_segment, "", "mov (%rdi), %fs", "");

static const struct fault_form forms[] = {
    FAULT_ROW(push),
    FAULT_ROW(return_interrupt),
    FAULT_ROW(load_segment),
};

static volatile int wrong;
static volatile uint64_t done;
static volatile bool over;

static void attack(void *address)
{
    while (!over) {
        wrong += fault_forms_check(forms, sizeof forms / sizeof forms[0], address, true);
        done++;
    }
}

int guest_main(void)
{
    struct hf_window window;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(2 * 4096, TAG, 0, 0, &window), HF_OK);
    nano_run_on(1, attack, (char *)window.address + 2048);
    for (unsigned i = 0; i < ROUNDS || done == 0; i++) {
        struct hf_window other;
        CHECK_EQUAL(hf_reserve(1u << 21, TAG, 0, EXTENTS, &other), HF_OK);
        CHECK_EQUAL(hf_release(&other), HF_OK);
    }
    over = true;
    nano_wait_for(1);
    CHECK_EQUAL(wrong, 0);
    return 0;
}
