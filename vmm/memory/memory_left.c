/* SPDX-License-Identifier: MIT */
#include "memory_left.h"

#include "cgroup.h"
#include "cgroup_watch.h"

#include <pthread.h>
#include <stdbool.h>

static struct {
    pthread_mutex_t lock; /* of the watch, which is for one thread at a time */
    bool is_kept;
    struct cgroup_watch watch;
} files = {.lock = PTHREAD_MUTEX_INITIALIZER};

uint64_t memory_left(void)
{
    pthread_mutex_lock(&files.lock);
    const uint64_t left =
        files.is_kept ? cgroup_watch_memory_left(&files.watch) : cgroup_memory_left();
    pthread_mutex_unlock(&files.lock);
    return left;
}

void memory_left_keep(void)
{
    pthread_mutex_lock(&files.lock);
    if (!files.is_kept)
        cgroup_watch_begin(&files.watch, true);
    files.is_kept = true;
    pthread_mutex_unlock(&files.lock);
}
