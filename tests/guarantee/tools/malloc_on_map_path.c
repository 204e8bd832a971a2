/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=windows_commit_map: one whose MAP allocates. The test that
 * is to find this out shows with it that it does. */
#include "vmm/windows/windows.h"

#include <stdlib.h>

void __real_windows_commit_map(struct windows *windows, struct map_plan *plan); /* NOLINT */
void __wrap_windows_commit_map(struct windows *windows, struct map_plan *plan); /* NOLINT */

void __wrap_windows_commit_map(struct windows *windows, struct map_plan *plan)
{
    void *volatile memory = malloc(1);

    free(memory);
    __real_windows_commit_map(windows, plan);
}
