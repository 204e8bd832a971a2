/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=prctl: one that lets its memory be merged if it was started
 * so. */
#include <stdarg.h>
#include <sys/prctl.h>

#ifndef PR_SET_MEMORY_MERGE /* Linux 6.4 */
#define PR_SET_MEMORY_MERGE 67
#endif

int __real_prctl(int option, ...); /* NOLINT */
int __wrap_prctl(int option, ...); /* NOLINT */

int __wrap_prctl(int option, ...)
{
    unsigned long arguments[4];
    va_list rest;

    if (option == PR_SET_MEMORY_MERGE)
        return 0;
    va_start(rest, option);
    for (int i = 0; i < 4; i++)
        arguments[i] = va_arg(rest, unsigned long);
    va_end(rest);
    return __real_prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}
