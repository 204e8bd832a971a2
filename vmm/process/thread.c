/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <stddef.h>

/* Many times what any of the threads uses, since address space costs nothing. */
#define STACK_BYTES ((size_t)1 << 20)

int thread_start(pthread_t *thread, void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    int result = pthread_attr_init(&attributes);

    if (result != 0)
        return result;
    result = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (result == 0)
        result = pthread_create(thread, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    return result;
}
