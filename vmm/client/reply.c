/* SPDX-License-Identifier: MIT */
#include "vmm/client/reply.h"

#include "vmm/wire/bounded.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEXT_MOST 1023u

const struct holdfast_reply reply_no_memory = {.status = HOLDFAST_NO_MEMORY,
                                               .text = "Cannot allocate memory"};
const struct holdfast_reply reply_no_request = {
    .status = HOLDFAST_BAD_ARGUMENT,
    .text = "no request of this connection has this number, or its reply was taken"};
const struct holdfast_reply reply_too_many = {
    .status = HOLDFAST_TOO_MANY,
    .text = "too many requests of this connection are under way: take the replies of some first"};

static size_t whole_pages(size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

struct reply *reply_new(size_t room)
{
    const size_t bytes = whole_pages(sizeof(struct reply) + room);
    struct reply *reply = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reply == MAP_FAILED)
        return NULL;
    reply->seen.text = "";
    reply->mapped = bytes;
    bounded_init(&reply->room, reply + 1, bytes - sizeof *reply);
    return reply;
}

const struct holdfast_reply *reply_finish(struct reply *reply)
{
    const size_t start = (size_t)(reply->room.memory - (unsigned char *)reply);
    const size_t kept = whole_pages(start + reply->room.used);
    if (kept < reply->mapped && munmap((char *)reply + kept, reply->mapped - kept) == 0)
        reply->mapped = kept;
    return &reply->seen;
}

const char *reply_text(struct reply *reply, const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = bounded_alloc(&reply->room, bytes);
    return copy != NULL ? memcpy(copy, text, bytes) : NULL;
}

void **reply_array(struct reply *reply, size_t count, size_t size)
{
    void **array = bounded_array(&reply->room, count + 1, sizeof *array);
    char *parts = bounded_array(&reply->room, count, size);
    if (array == NULL || parts == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        array[i] = parts + i * size;
    array[count] = NULL;
    return array;
}

const struct holdfast_reply *reply_failure(uint64_t request, enum holdfast_status status,
                                           const char *text)
{
    struct reply *reply = reply_new(TEXT_MOST + 1 + _Alignof(max_align_t));
    if (reply == NULL)
        return &reply_no_memory;
    const size_t bytes = strnlen(text, TEXT_MOST);
    char *copy = bounded_alloc(&reply->room, bytes + 1); /* the mapping is all 0 */
    reply->seen.request = request;
    reply->seen.status = status;
    if (copy != NULL)
        reply->seen.text = memcpy(copy, text, bytes);
    return reply_finish(reply);
}

static bool is_built_in(const struct holdfast_reply *reply)
{
    return reply == &reply_no_memory || reply == &reply_no_request || reply == &reply_too_many;
}

void holdfast_free(const struct holdfast_reply *reply)
{
    if (reply == NULL || is_built_in(reply))
        return;
    munmap((void *)(uintptr_t)reply, ((const struct reply *)reply)->mapped);
}
