/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=injection_should_fail and --wrap=pthread_setname_np: one
 * whose host refuses, for want of memory, whatever the second vCPU's thread wants mapped, and never
 * gives in: the mmap of a MAP or a REMAP, or else that of an UNMAP. The first vCPU gets all that it
 * asks for. */
#include "vmm/memory/primitive.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

bool __real_injection_should_fail(struct injection *injection, enum primitive primitive);
bool __wrap_injection_should_fail(struct injection *injection, enum primitive primitive);

static _Thread_local bool has_mapped; /* then it is no UNMAP: the hole may be closed */

/* Noted where the thread is given its name: later no thread may ask for it. */
static _Thread_local bool is_second_vcpu;

int __real_pthread_setname_np(pthread_t thread, const char *name);
int __wrap_pthread_setname_np(pthread_t thread, const char *name);

int __wrap_pthread_setname_np(pthread_t thread, const char *name)
{
    if (pthread_equal(thread, pthread_self()))
        is_second_vcpu = strcmp(name, "vcpu 1") == 0;
    return __real_pthread_setname_np(thread, name);
}

bool __wrap_injection_should_fail(struct injection *injection, enum primitive primitive)
{
    if ((primitive != PRIMITIVE_MAP && (primitive != PRIMITIVE_GUARD || has_mapped)) ||
        !is_second_vcpu)
        return __real_injection_should_fail(injection, primitive);
    has_mapped = primitive == PRIMITIVE_MAP;
    errno = ENOMEM;
    return true;
}
