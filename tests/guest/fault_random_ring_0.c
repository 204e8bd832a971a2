/* SPDX-License-Identifier: MIT
 * An instruction of ring 0 that ends with #GP has changed no register, whatever it is. */
#include "fault_random.h"

#define SEEDS        4u
#define INSTRUCTIONS 200u

int guest_main(void)
{
    struct scene scene = {.faults = 0};
    int wrong = 0;

    CHECK_EQUAL(scene_prepare(&scene, false), 0);
    const uint64_t first =
        nano_command_line()[0] != 0 ? (uint64_t)nano_command_line()[0] * SEEDS : 1;
    for (uint64_t seed = first; seed < first + SEEDS; seed++)
        wrong += random_faults_differ(&scene, seed, INSTRUCTIONS);
    CHECK_EQUAL(wrong, 0);
    CHECK(scene.faults > SEEDS * INSTRUCTIONS / 10);
    return 0;
}
