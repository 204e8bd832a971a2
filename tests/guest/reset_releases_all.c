/* SPDX-License-Identifier: MIT
 * A reset releases every window: the next boot finds all accounts as at the first, the old handle
 * dead and nothing mapped. What was written to an object stays. */
/* vm: --object name=notes,size=4K --append "the same at every boot" */
/* console: ^boot 4$ */
#include "reset_releases.h"

int guest_main(void)
{
    struct hf_info at_boot;
    struct notes *notes = reset_notes(&at_boot);

    CHECK(notes != NULL);
    CHECK(strcmp(nano_command_line(), "the same at every boot") == 0);
    notes->boots++;
    hf_printf("boot %llu\n", (unsigned long long)notes->boots);
    if (notes->boots == 1)
        notes->all_free = at_boot;
    else
        CHECK_EQUAL(reset_check(notes, &at_boot), 0);
    if (notes->boots == 4)
        return 0;
    CHECK_EQUAL(reset_leave_behind(notes), 0);
    nano_reset();
}
