/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=windows_commit_map: one whose MAP asks the kernel for what a
 * vCPU has no business with. */
#include "vmm/windows/windows.h"

#include <sys/socket.h>

void __real_windows_commit_map(struct windows *windows, struct map_plan *plan); /* NOLINT */
void __wrap_windows_commit_map(struct windows *windows, struct map_plan *plan); /* NOLINT */

void __wrap_windows_commit_map(struct windows *windows, struct map_plan *plan)
{
    socket(AF_UNIX, SOCK_STREAM, 0);
    __real_windows_commit_map(windows, plan);
}
