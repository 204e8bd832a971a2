/* SPDX-License-Identifier: MIT */
#include "patience.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

struct patience {
    bool is_taken;
    int fd;
    uint64_t deadline_ms;
};

/* The lock keeps a descriptor from being closed, and given to somebody else, while it is shut. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct patience clients[PATIENCE_CLIENTS];

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct patience *patience_begin(int fd)
{
    struct patience *found = NULL;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < PATIENCE_CLIENTS && found == NULL; i++)
        if (!clients[i].is_taken)
            found = &clients[i];
    if (found != NULL)
        *found = (struct patience){true, fd, now_ms() + PATIENCE_REQUEST_MS};
    pthread_mutex_unlock(&lock);
    return found;
}

void patience_answer(struct patience *client)
{
    if (client == NULL)
        return;
    pthread_mutex_lock(&lock);
    client->deadline_ms = now_ms() + PATIENCE_ANSWER_MS;
    pthread_mutex_unlock(&lock);
}

void patience_end(struct patience *client)
{
    if (client == NULL)
        return;
    pthread_mutex_lock(&lock);
    client->is_taken = false;
    pthread_mutex_unlock(&lock);
}

void patience_check(void)
{
    pthread_mutex_lock(&lock);
    const uint64_t now = now_ms();
    for (size_t i = 0; i < PATIENCE_CLIENTS; i++)
        if (clients[i].is_taken && now >= clients[i].deadline_ms)
            shutdown(clients[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&lock);
}
