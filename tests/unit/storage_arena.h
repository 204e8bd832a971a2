/* SPDX-License-Identifier: MIT
 * An arena with objects, for tests of FLUSH, DISCARD and what operators do; no KVM. */
#ifndef HOLDFAST_TEST_STORAGE_ARENA_H
#define HOLDFAST_TEST_STORAGE_ARENA_H

#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/operators.h"
#include "vmm/arena/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define TAG 0x54455354u
#ifndef EXTENTS
#define EXTENTS 16u
#endif
#define TAIL_SIZE 10000u /* bytes of the file: two pages and a part of one */

struct storage {
    struct memory *memory;
    struct arena *arena;
    char path[64];
};

static struct storage storage;

static inline uint32_t attach(const char *name, const char *path, uint64_t bytes, bool read_only)
{
    struct object_spec spec = {.bytes = bytes, .read_only = read_only};
    struct hf_object_open open = {.id = 0};
    struct error error;

    strcpy(spec.name, name);
    strcpy(spec.path, path);
    strcpy(open.name, name);
    if (arena_attach(storage.arena, &spec, NULL, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(arena_object_open(storage.arena, &open), HF_OK);
    return open.id;
}

static inline int set_up_storage(void **state)
{
    const struct arena_config config = {.windows = 4, .extents = EXTENTS};
    char text[TAIL_SIZE];
    struct error error;

    (void)state;
    storage.memory = make_memory();
    storage.arena = arena_create(storage.memory, &config, &error);
    assert_non_null(storage.arena);
    strcpy(storage.path, "/tmp/holdfast-storage-XXXXXX");
    const int fd = mkstemp(storage.path);
    assert_true(fd >= 0);
    memset(text, 'x', sizeof text);
    assert_int_equal(write(fd, text, sizeof text), sizeof text);
    close(fd);
    return 0;
}

static inline int take_down_storage(void **state)
{
    (void)state;
    unlink(storage.path);
    for (uint32_t slot = 1; slot <= BACKINGS_OBJECTS; slot++)
        object_close(&storage.memory->object[slot]);
    arena_destroy(storage.arena);
    forget(storage.memory);
    return 0;
}

/* Maps pages of an object in a window of their own; where they are to be seen. */
static inline uint8_t *map_pages(uint32_t object, uint64_t first, uint32_t pages)
{
    struct hf_reserve reserve = {.bytes = pages * HF_PAGE_SIZE, .tag = TAG};
    const struct hf_extent extent = {first, pages, object};

    assert_int_equal(arena_reserve(storage.arena, &no_vcpu, &reserve), HF_OK);
    memcpy(storage.memory->ram, &extent, sizeof extent);
    struct hf_map map = {
        .window = reserve.window, .list = {0}, .extents = 1, .tag = TAG, .cache = HF_CACHE_CACHED};
    assert_int_equal(arena_map(storage.arena, &no_vcpu, &map), HF_OK);
    return storage.memory->arena + (map.address.value - storage.memory->arena_base);
}

/* Whether other calls can come through now: nothing that MAP needs is held. */
static inline bool nothing_is_held(void)
{
    if (pthread_mutex_trylock(&storage.arena->lock) != 0)
        return false;
    pthread_mutex_unlock(&storage.arena->lock);
    if (pthread_mutex_trylock(&storage.arena->flush_lock) != 0)
        return false;
    pthread_mutex_unlock(&storage.arena->flush_lock);
    return true;
}

static inline bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

#endif
