/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <stddef.h>
#include <stdint.h>

/* Many times what any of the threads uses, since address space costs nothing. */
#define STACK_BYTES ((size_t)1 << 20)

#define STACK_TOUCHED 32768u
#define PAGE          4096u

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

__attribute__((noinline)) void thread_touch_stack(void)
{
    volatile uint8_t room[STACK_TOUCHED];

    for (size_t at = 0; at < sizeof room; at += PAGE)
        room[at] = 0;
}
