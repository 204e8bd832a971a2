/* SPDX-License-Identifier: MIT
 * For a test that is linked with --wrap=rescue_may_help: a map path that gives up at once. */
#include "vmm/memory/rescue.h"

bool __wrap_rescue_may_help(int error); /* NOLINT */

bool __wrap_rescue_may_help(int error)
{
    (void)error;
    return false;
}
