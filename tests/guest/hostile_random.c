/* SPDX-License-Identifier: MIT
 * Thousands of calls whose arguments are random or nearly right: the VMM answers each with a
 * status of the ABI, its accounts stay even, and an orderly use works afterwards. */
/* vm: --object name=rw,size=64K --object name=ro,path=/proc/self/exe,access=ro --append 1 */
#include "access.h"
#include "hostile.h"

#define RAM_END      0x4000000ull /* 64 MiB, the default */
#define CALLS        1200u
#define HANDLES      6u
#define MAPPINGS     256u
#define LIST_EXTENTS 3u

/* What succeeded and has not been undone. */
static struct {
    uint64_t handle;
    uint64_t pages;
} windows[HANDLES];
static struct {
    uint64_t handle;
    uint64_t offset;
    uint64_t pages;
} mappings[MAPPINGS];
static unsigned window_count;
static unsigned mapping_count;
static struct hf_extent list[LIST_EXTENTS];

static uint64_t some_handle(void)
{
    if (window_count == 0 || hostile_below(16) == 0)
        return hostile_number();
    return windows[hostile_below(window_count)].handle;
}

static uint32_t some_tag(void)
{
    return hostile_below(16) == 0 ? (uint32_t)hostile_number() : TAG;
}

static uint32_t some_flags(void)
{
    return hostile_below(16) == 0 ? (uint32_t)hostile_number() : (uint32_t)hostile_below(2);
}

static uint64_t mostly(uint64_t right)
{
    return hostile_below(16) == 0 ? hostile_number() : right;
}

static void make_list(void)
{
    for (unsigned i = 0; i < LIST_EXTENTS; i++) {
        list[i] = (struct hf_extent){hostile_below(16), (uint32_t)(1 + hostile_below(3)),
                                     (uint32_t)hostile_below(3)};
        if (hostile_below(64) == 0)
            list[i].first = hostile_number();
        if (hostile_below(64) == 0)
            list[i].pages = (uint32_t)hostile_number();
        if (hostile_below(64) == 0)
            list[i].object = (uint32_t)hostile_number();
    }
}

static struct hf_map some_map(void)
{
    make_list();
    return (struct hf_map){.window = some_handle(),
                           .page_offset =
                               hostile_below(4) == 0 ? hostile_number() : hostile_below(20),
                           .list = {mostly((uintptr_t)list)},
                           .extents = (uint32_t)mostly(1 + hostile_below(3)),
                           .tag = some_tag(),
                           .flags = some_flags(),
                           .cache = (uint32_t)mostly(hostile_below(3))};
}

static void forget_mapping(uint64_t handle, uint64_t offset)
{
    for (unsigned i = 0; i < mapping_count; i++) {
        if (mappings[i].handle == handle && mappings[i].offset == offset) {
            mappings[i] = mappings[--mapping_count];
            return;
        }
    }
}

static void remember_mapping(const struct hf_map *map)
{
    mappings[mapping_count].handle = map->window;
    mappings[mapping_count].offset = map->page_offset;
    mappings[mapping_count++].pages = map->pages;
}

static int reserve(void)
{
    struct hf_reserve call = {
        .bytes = hostile_below(4) == 0 ? hostile_number() : hostile_below(20 * 4096),
        .tag = some_tag(),
        .flags = some_flags(),
        .max_extents = hostile_below(2) == 0 ? (uint32_t)hostile_number() : 0};
    call.zero = (uint32_t)mostly(0);
    const int status = window_count < HANDLES ? CALL(RESERVE, call) : HF_OK;

    if (status == HF_OK && window_count < HANDLES) {
        if (call.tag != TAG) {
            struct hf_release release = {.window = call.window, .tag = call.tag};
            return CALL(RELEASE, release);
        }
        windows[window_count].handle = call.window;
        windows[window_count++].pages = call.pages;
    }
    return status;
}

static int map(void)
{
    struct hf_map call = some_map();
    const int status = mapping_count < MAPPINGS ? CALL(MAP, call) : HF_OK;

    if (status == HF_OK && mapping_count < MAPPINGS)
        remember_mapping(&call);
    return status;
}

static int unmap(void)
{
    struct hf_unmap call = {.window = some_handle(),
                            .page_offset = hostile_number(),
                            .pages = hostile_number(),
                            .tag = some_tag(),
                            .zero = (uint32_t)mostly(0)};
    if (mapping_count > 0 && hostile_below(2) == 0) {
        const unsigned which = (unsigned)hostile_below(mapping_count);
        call.window = mostly(mappings[which].handle);
        call.page_offset = mostly(mappings[which].offset);
        call.pages = mostly(mappings[which].pages);
    }
    const int status = CALL(UNMAP, call);

    if (status == HF_OK)
        forget_mapping(call.window, call.page_offset);
    return status;
}

static int remap(void)
{
    struct hf_remap call = {
        .map = some_map(), .old_offset = hostile_number(), .old_pages = hostile_number()};
    if (mapping_count > 0 && hostile_below(4) != 0) {
        const unsigned which = (unsigned)hostile_below(mapping_count);
        call.map.window = mostly(mappings[which].handle);
        call.old_offset = mostly(mappings[which].offset);
        call.old_pages = mostly(mappings[which].pages);
    }
    const int status = CALL(REMAP, call);

    if (status == HF_OK) {
        forget_mapping(call.map.window, call.old_offset);
        remember_mapping(&call.map);
    }
    return status;
}

static int release(void)
{
    struct hf_release call = {
        .window = some_handle(), .tag = some_tag(), .zero = (uint32_t)mostly(0)};
    const int status = CALL(RELEASE, call);

    for (unsigned i = 0; status == HF_OK && i < window_count; i++) {
        if (windows[i].handle == call.window) {
            windows[i] = windows[--window_count];
            break;
        }
    }
    return status;
}

/* A call with whatever number, on a page full of anything. */
static int junk(void)
{
    static uint64_t page[512] __attribute__((aligned(4096)));

    for (unsigned i = 0; i < 10; i++)
        page[i] = hostile_number();
    /* A random RESERVE or MAP that succeeded would be lost track of. */
    const uint32_t call = (uint32_t)hostile_number();
    page[1] |= call == HF_CALL_RESERVE ? 2ull << 32 : 0; /* an undefined flag */
    if (call >= HF_CALL_MAP && call <= HF_CALL_RELEASE)
        page[0] = 0;
    /* Another page of RAM might hold arguments that are good, or what nano needs. */
    const uint64_t wild = hostile_number() << HF_PAGE_SHIFT;
    return (int)hf_call_at(call, (hf_gpa){wild >= RAM_END ? wild : (uintptr_t)page});
}

static int flush(void)
{
    struct hf_flush call = {.object = (uint32_t)mostly(hostile_below(4)),
                            .zero = (uint32_t)mostly(0)};

    return CALL(FLUSH, call);
}

static int discard(void)
{
    struct hf_discard call = {.first = hostile_number(),
                              .pages = hostile_number(),
                              .object = (uint32_t)mostly(hostile_below(4)),
                              .zero = (uint32_t)mostly(0)};

    return CALL(DISCARD, call);
}

static int some_call(void)
{
    struct hf_stat stat;

    switch (hostile_below(12)) {
    case 0:
        return reserve();
    case 1:
    case 2:
    case 3:
        return map();
    case 4:
    case 5:
        return unmap();
    case 6:
    case 7:
        return remap();
    case 8:
        stat.window = some_handle();
        return hostile_below(4) == 0 ? release() : CALL(STAT, stat);
    case 9:
        return flush();
    case 10:
        return discard();
    default:
        return junk();
    }
}

static int undo_all(void)
{
    while (mapping_count > 0) {
        mapping_count--;
        struct hf_unmap call = {.window = mappings[mapping_count].handle,
                                .page_offset = mappings[mapping_count].offset,
                                .pages = mappings[mapping_count].pages,
                                .tag = TAG};
        CHECK_EQUAL(CALL(UNMAP, call), HF_OK);
    }
    while (window_count > 0) {
        struct hf_release call = {.window = windows[--window_count].handle, .tag = TAG};
        CHECK_EQUAL(CALL(RELEASE, call), HF_OK);
    }
    return 0;
}

int guest_main(void)
{
    struct hf_info before;
    struct hf_info after;
    struct hf_window window;
    unsigned succeeded = 0;

    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_use_transport(HF_FEATURE_PIO), HF_OK);
    hostile_seed();
    CHECK_EQUAL(hf_info(&before), HF_OK);
    for (unsigned i = 0; i < CALLS; i++) {
        const int status = some_call();
        if (!hostile_known((uint64_t)(int64_t)status))
            hf_printf("call %u\n", i);
        CHECK(hostile_known((uint64_t)(int64_t)status));
        succeeded += status == HF_OK;
    }
    CHECK(succeeded > CALLS / 10); /* else most calls fail at the first check */
    CHECK_EQUAL(undo_all(), 0);
    CHECK_EQUAL(hf_info(&after), HF_OK);
    CHECK(memcmp(&before, &after, sizeof before) == 0);

    const struct hf_extent good = {page_of(raw_pages), 1, HF_RAM};
    CHECK_EQUAL(hf_reserve(4096, TAG, 0, 0, &window), HF_OK);
    CHECK(read_is_gp(window.address));
    CHECK_EQUAL(hf_map(&window, 0, &good, 1, 0, NULL, NULL), HF_OK);
    CHECK(can_read(window.address, NULL));
    CHECK_EQUAL(hf_unmap(&window, 0, 1), HF_OK);
    CHECK_EQUAL(hf_release(&window), HF_OK);
    return 0;
}
