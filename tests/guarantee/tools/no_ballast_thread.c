/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=ballast_thread_start: one in which nobody takes the ballast
 * again. */
#include "vmm/memory/ballast_thread.h"

int __wrap_ballast_thread_start(struct ballast_thread *thread, struct ballast *ballast,
                                struct error *error); /* NOLINT */

int __wrap_ballast_thread_start(struct ballast_thread *thread, struct ballast *ballast,
                                struct error *error)
{
    (void)thread;
    (void)ballast;
    (void)error;
    return 0;
}
