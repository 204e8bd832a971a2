/* SPDX-License-Identifier: MIT
 * A long random run of calls, right and wrong, against the table and against a plain model of it.
 * HOLDFAST_SEED repeats a run, HOLDFAST_OPERATIONS sets its length. */
#include "windows_random_calls.h"

#include <stdio.h>
#include <time.h>

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static void any_run_of_calls_does_what_the_model_does(void **state)
{
    uint64_t operations = number_from("HOLDFAST_OPERATIONS", 500000);

    (void)state;
    chance_take_seed(number_from("HOLDFAST_SEED", (uint64_t)time(NULL)));
    print_message("HOLDFAST_SEED=%llu\n", (unsigned long long)chance_state);
    begin_run();
    for (uint64_t i = 0; i < operations; i++) {
        one_step(i / 1000 % 2 == 0);
        if (i % 500 == 0)
            compare_everything();
    }
    end_run();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_run_of_calls_does_what_the_model_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
