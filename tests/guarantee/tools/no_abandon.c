/* SPDX-License-Identifier: MIT
 * For a test that is linked with --wrap=windows_abandon: a RESERVE that keeps what it has taken
 * when it fails. */
#include "vmm/windows/windows.h"

void __wrap_windows_abandon(struct windows *windows, struct window *window); /* NOLINT */

void __wrap_windows_abandon(struct windows *windows, struct window *window)
{
    (void)windows;
    (void)window;
}
