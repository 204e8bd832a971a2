/* SPDX-License-Identifier: MIT
 * Arguments of hypercalls as a hostile guest would lay them out: mostly right, by what earlier
 * calls have answered, then with a member or a few bits wrong. */
#ifndef HOLDFAST_FUZZ_SHAPES_H
#define HOLDFAST_FUZZ_SHAPES_H

#include "holdfast/abi.h"
#include "holdfast/guest.h"
#include "tests/unit/chance.h"

#include <stdbool.h>
#include <string.h>

#define SHAPES_WRITABLE     "rw"
#define SHAPES_READ_ONLY    "ro"
#define SHAPES_OBJECT_PAGES 8u
#define SHAPES_RAM_PAGES    16u
#define SHAPES_KNOWN        8u
#define SHAPES_LIST_PAGE    (SHAPES_RAM_PAGES - 2) /* where lists lie; the arguments lie behind */

static struct {
    struct {
        uint64_t handle;
        uint32_t tag;
    } window[SHAPES_KNOWN];
    struct {
        uint64_t window, offset, pages;
        uint32_t tag;
    } mapping[SHAPES_KNOWN];
    uint32_t object[SHAPES_KNOWN];
} shapes;

static inline uint32_t pick(uint32_t limit)
{
    return (uint32_t)below(limit);
}

/* Often small, often at an edge, sometimes anything. */
static inline uint64_t shapes_number(void)
{
    switch (pick(5)) {
    case 0:
        return random_64();
    case 2:
        return UINT64_MAX - pick(16); /* with something small added, small again */
    case 1:
        return (1ull << pick(64)) + pick(3) - 1;
    default:
        return pick(20);
    }
}

static inline uint64_t mostly(uint64_t right)
{
    return pick(24) == 0 ? shapes_number() : right;
}

static inline uint32_t mostly32(uint32_t right)
{
    return (uint32_t)mostly(right);
}

static inline uint32_t shapes_tag(void)
{
    return 1 + (pick(8) == 0);
}

static inline uint32_t shapes_object(void)
{
    return mostly32(shapes.object[pick(SHAPES_KNOWN)]);
}

static inline uint32_t shapes_list(uint8_t *ram)
{
    struct hf_extent *list = (void *)(ram + SHAPES_LIST_PAGE * HF_PAGE_SIZE);
    const uint32_t count = 1 + pick(4);

    for (uint32_t i = 0; i < count; i++) {
        const bool object = pick(2) == 0;
        list[i] = (struct hf_extent){mostly(pick(SHAPES_OBJECT_PAGES)), mostly32(1 + pick(2)),
                                     object ? shapes_object() : HF_RAM};
    }
    return mostly32(count);
}

static inline struct hf_map shapes_map(uint8_t *ram)
{
    const uint32_t which = pick(SHAPES_KNOWN);

    return (struct hf_map){
        .window = mostly(shapes.window[which].handle),
        .page_offset = mostly(pick(8)),
        .list = {mostly(SHAPES_LIST_PAGE * HF_PAGE_SIZE)},
        .extents = shapes_list(ram),
        .tag = mostly32(shapes.window[which].tag),
        .flags = mostly32(pick(2)),
        .cache = mostly32(pick(3)),
    };
}

static inline struct hf_unmap shapes_unmap(void)
{
    const uint32_t which = pick(SHAPES_KNOWN);

    return (struct hf_unmap){
        .window = mostly(shapes.mapping[which].window),
        .page_offset = mostly(shapes.mapping[which].offset),
        .pages = mostly(shapes.mapping[which].pages),
        .tag = mostly32(shapes.mapping[which].tag),
        .zero = mostly32(0),
    };
}

static inline struct hf_remap shapes_remap(uint8_t *ram)
{
    const struct hf_unmap old = shapes_unmap();
    struct hf_remap call = {shapes_map(ram), old.page_offset, old.pages};

    call.map.window = old.window;
    call.map.tag = old.tag;
    return call;
}

static inline struct hf_release shapes_release(void)
{
    const uint32_t which = pick(SHAPES_KNOWN);

    return (struct hf_release){mostly(shapes.window[which].handle),
                               mostly32(shapes.window[which].tag), mostly32(0)};
}

static inline struct hf_object_open shapes_open(void)
{
    struct hf_object_open call = {.id = 0};

    strcpy(call.name, pick(2) == 0 ? SHAPES_WRITABLE : SHAPES_READ_ONLY);
    if (pick(24) == 0)
        memset(call.name, 'r', sizeof call.name);
    return call;
}

#define SHAPES_PUT(type, ...)                                                                      \
    do {                                                                                           \
        const struct type call_ = __VA_ARGS__;                                                     \
        memcpy(page, &call_, sizeof call_);                                                        \
    } while (0)

/* Fills the argument page, and the page of lists in RAM where the call takes one. */
static inline void shapes_make(enum hf_call call, uint8_t *page, uint8_t *ram)
{
    memset(page, one_in(2) ? 0 : (int)pick(256), 128);
    switch (call) {
    case HF_CALL_INFO:
        break;
    case HF_CALL_OBJECT_OPEN:
        SHAPES_PUT(hf_object_open, shapes_open());
        break;
    case HF_CALL_RESERVE:
        SHAPES_PUT(hf_reserve, {.bytes = mostly((1 + pick(12)) * HF_PAGE_SIZE),
                                .tag = mostly32(shapes_tag()),
                                .flags = mostly32(pick(2)),
                                .max_extents = mostly32(pick(8)),
                                .zero = mostly32(0)});
        break;
    case HF_CALL_MAP:
        SHAPES_PUT(hf_map, shapes_map(ram));
        break;
    case HF_CALL_UNMAP:
        SHAPES_PUT(hf_unmap, shapes_unmap());
        break;
    case HF_CALL_REMAP:
        SHAPES_PUT(hf_remap, shapes_remap(ram));
        break;
    case HF_CALL_RELEASE:
        SHAPES_PUT(hf_release, shapes_release());
        break;
    case HF_CALL_STAT:
        SHAPES_PUT(hf_stat, {.window = shapes_release().window});
        break;
    case HF_CALL_FLUSH:
        SHAPES_PUT(hf_flush, {shapes_object(), mostly32(0)});
        break;
    case HF_CALL_DISCARD:
        SHAPES_PUT(hf_discard, {mostly(pick(SHAPES_OBJECT_PAGES)), mostly(1 + pick(4)),
                                shapes_object(), mostly32(0)});
        break;
    }
    if (pick(16) == 0)
        page[pick(112)] ^= (uint8_t)(1u << pick(8));
}

static inline void shapes_forget_window(uint64_t handle)
{
    for (uint32_t i = 0; i < SHAPES_KNOWN; i++)
        if (shapes.window[i].handle == handle)
            shapes.window[i].handle = 0;
}

static inline void shapes_forget_mapping(uint64_t window, uint64_t offset)
{
    for (uint32_t i = 0; i < SHAPES_KNOWN; i++)
        if (shapes.mapping[i].window == window && shapes.mapping[i].offset == offset)
            shapes.mapping[i].window = 0;
}

static inline void shapes_learn_mapping(const struct hf_map *map)
{
    uint32_t which = pick(SHAPES_KNOWN);

    for (uint32_t i = 0; i < SHAPES_KNOWN; i++)
        which = shapes.mapping[i].window == 0 ? i : which;
    shapes.mapping[which].window = map->window;
    shapes.mapping[which].offset = map->page_offset;
    shapes.mapping[which].pages = map->pages;
    shapes.mapping[which].tag = map->tag;
}

static inline void shapes_learn_window(const struct hf_reserve *reserve)
{
    uint32_t which = pick(SHAPES_KNOWN);

    for (uint32_t i = 0; i < SHAPES_KNOWN; i++)
        which = shapes.window[i].handle == 0 ? i : which;
    shapes.window[which].handle = reserve->window;
    shapes.window[which].tag = reserve->tag;
}

/* Takes up what a call has answered, for later ones. */
static inline void shapes_learn(enum hf_call call, const uint8_t *page)
{
    union {
        struct hf_object_open open;
        struct hf_reserve reserve;
        struct hf_remap remap; /* begins with what MAP has */
        struct hf_unmap unmap;
        struct hf_release release;
    } it;

    memcpy(&it, page, sizeof it);
    switch (call) {
    case HF_CALL_OBJECT_OPEN:
        shapes.object[pick(SHAPES_KNOWN)] = it.open.id;
        break;
    case HF_CALL_RESERVE:
        shapes_learn_window(&it.reserve);
        break;
    case HF_CALL_REMAP:
        shapes_forget_mapping(it.remap.map.window, it.remap.old_offset);
        shapes_learn_mapping(&it.remap.map);
        break;
    case HF_CALL_MAP:
        shapes_learn_mapping(&it.remap.map);
        break;
    case HF_CALL_UNMAP:
        shapes_forget_mapping(it.unmap.window, it.unmap.page_offset);
        break;
    case HF_CALL_RELEASE:
        shapes_forget_window(it.release.window);
        break;
    default:
        break;
    }
}

/* After a reset no window is left. */
static inline void shapes_forget_all(void)
{
    memset(shapes.window, 0, sizeof shapes.window);
    memset(shapes.mapping, 0, sizeof shapes.mapping);
}

#endif
