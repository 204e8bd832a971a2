/* SPDX-License-Identifier: MIT
 * Calls to the window table, right and wrong, while objects are detached step by step: each is
 * answered, and changes the table, as the plain model of it does. */
#include "target.h"
#include "tests/unit/windows_random_calls.h"

#define CALLS_BETWEEN_LOOKS 64u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    chance_take_input(bytes, size);
    begin_run();
    const bool growing = one_in(2);
    for (uint32_t calls = 1; chance_left > 0; calls++) {
        one_step(growing);
        if (calls % CALLS_BETWEEN_LOOKS == 0)
            compare_everything();
    }
    end_run();
    return 0;
}
