/* SPDX-License-Identifier: MIT
 * What Holdfast's calls take, as the guest sees it. Prints lines "WORK SHAPE COUNT TICKS": medians,
 * in ticks of the time-stamp counter. Each call's argument page is laid out
 * before the call is timed. Every page that is mapped is read once, so that UNMAP has something
 * to take out of the second-level tables. */
#include "holdfast/guest.h"
#include "nano.h"
#include "timed_out.h"

#define TAG      0x636e6562u
#define ROUNDS   15u
#define IN_A_ROW 4u /* of one kind, so that the median is of warm caches */
#define SAMPLES  (ROUNDS * IN_A_ROW)
#define SIZES    10u /* 1, 2, 4 ... 512 */
#define LARGEST  (1u << (SIZES - 1))
#define CROWD    1000u

enum work { MAP, UNMAP, REMAP, RESERVE, RELEASE, WORKS };
static const char *const work_names[] = {"map", "unmap", "remap", "reserve", "release"};

enum shape { CONTIGUOUS, SCATTERED, SHAPES };
static const char *const shape_names[] = {"contiguous", "scattered"};

struct samples {
    uint32_t count;
    uint32_t ticks[SAMPLES];
};

static uint32_t overhead; /* ticks of what surrounds the OUT */
static struct samples by_size[REMAP + 1][SHAPES][SIZES];
static struct samples by_crowd[WORKS];

static void *argument_page;
static struct hf_window window;
/* What is mapped, and what REMAP puts in its place. */
static struct hf_extent *lists[2][SHAPES];

/* ---- samples ---- */

static void add(struct samples *samples, uint32_t ticks)
{
    samples->ticks[samples->count++] = ticks;
}

static void sort(void *argument)
{
    struct samples *samples = argument;

    for (uint32_t i = 1; i < samples->count; i++) {
        const uint32_t ticks = samples->ticks[i];
        uint32_t at = i;
        for (; at > 0 && samples->ticks[at - 1] > ticks; at--)
            samples->ticks[at] = samples->ticks[at - 1];
        samples->ticks[at] = ticks;
    }
}

/* Sorts in ring 3, which no host emulates, and empties the samples. */
static uint32_t median(struct samples *samples)
{
    nano_try_user(sort, samples, NULL);
    const uint32_t ticks = samples->ticks[samples->count / 2];
    samples->count = 0;
    return ticks > overhead ? ticks - overhead : 0;
}

static void print(const char *work, const char *shape, uint32_t count, struct samples *samples)
{
    hf_printf("%s %s %u %u\n", work, shape, count, median(samples));
}

/* ---- what is timed ---- */

static uint32_t timed_nop(void)
{
    uint32_t ticks;

    __asm__ volatile(TIMED_NOP : "=a"(ticks) : "c"(UNCLAIMED_PORT) : "rdx", "rsi", "rdi", "memory");
    return ticks;
}

static uint32_t timed_out(uint32_t port, uint64_t value, uint64_t rbx, uint32_t *answer)
{
    register uint64_t r8 __asm__("r8") = value;
    uint32_t ticks;

    __asm__ volatile(TIMED_OUT
                     : "=a"(ticks), "=&D"(*answer)
                     : "c"(port), "b"(rbx), "r"(r8)
                     : "rdx", "rsi", "memory");
    return ticks;
}

/* One call with what lies in the argument page; a refusal ends the guest. */
static void call(enum hf_call number, struct samples *samples)
{
    uint32_t status;
    const uint32_t ticks = timed_out(HF_PORT_CALL, number, (uintptr_t)argument_page, &status);

    if (status != HF_OK) {
        hf_printf("call %u: %s\n", number, hf_status_name((int)status));
        nano_exit(1);
    }
    if (samples != NULL)
        add(samples, ticks);
}

static void lay_out_map(struct hf_map *map, uint64_t handle, enum shape shape,
                        struct hf_extent *list, uint32_t pages)
{
    *map = (struct hf_map){
        .window = handle,
        .list = {(uintptr_t)list},
        .extents = shape == CONTIGUOUS ? 1 : pages,
        .tag = TAG,
        .cache = HF_CACHE_CACHED,
    };
    if (shape == CONTIGUOUS)
        list->pages = pages;
}

static void lay_out_unmap(uint64_t handle, uint32_t pages)
{
    *(struct hf_unmap *)argument_page =
        (struct hf_unmap){.window = handle, .pages = pages, .tag = TAG};
}

static void read_each_page(uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        (void)*(volatile const uint8_t *)((const char *)window.address + i * HF_PAGE_SIZE);
}

/* ---- cost by extents ---- */

static void map_remap_unmap(enum shape shape, uint32_t size)
{
    const uint32_t pages = 1u << size;
    struct hf_remap *remap = argument_page;

    lay_out_map(argument_page, window.handle, shape, lists[0][shape], pages);
    call(HF_CALL_MAP, &by_size[MAP][shape][size]);
    read_each_page(pages);

    lay_out_map(&remap->map, window.handle, shape, lists[1][shape], pages);
    remap->old_offset = 0;
    remap->old_pages = pages;
    call(HF_CALL_REMAP, &by_size[REMAP][shape][size]);
    read_each_page(pages);

    lay_out_unmap(window.handle, pages);
    call(HF_CALL_UNMAP, &by_size[UNMAP][shape][size]);
}

static void measure_sizes(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++)
        for (uint32_t shape = 0; shape < SHAPES; shape++)
            for (uint32_t i = 0; i < SIZES * IN_A_ROW; i++)
                map_remap_unmap((enum shape)shape, i / IN_A_ROW);
    for (uint32_t work = 0; work <= REMAP; work++)
        for (uint32_t shape = 0; shape < SHAPES; shape++)
            for (uint32_t size = 0; size < SIZES; size++)
                print(work_names[work], shape_names[shape], 1u << size,
                      &by_size[work][shape][size]);
}

static void measure_exit(void)
{
    struct samples samples = {.count = 0};
    uint32_t answer;

    for (uint32_t i = 0; i < SAMPLES; i++)
        add(&samples, timed_nop());
    overhead = median(&samples);
    for (uint32_t i = 0; i < SAMPLES; i++)
        add(&samples, timed_out(UNCLAIMED_PORT, 0, 0, &answer));
    print("exit", "-", 1, &samples);
}

/* ---- cost by windows that exist ---- */

static uint64_t reserve(struct samples *samples)
{
    struct hf_reserve *reserve = argument_page;

    *reserve = (struct hf_reserve){.bytes = 16 * HF_PAGE_SIZE, .tag = TAG};
    call(HF_CALL_RESERVE, samples);
    return reserve->window;
}

/* RESERVE, MAP of one page, UNMAP and RELEASE of one window more. */
static void one_more(void)
{
    const uint64_t handle = reserve(&by_crowd[RESERVE]);

    lay_out_map(argument_page, handle, CONTIGUOUS, lists[1][CONTIGUOUS], 1);
    call(HF_CALL_MAP, &by_crowd[MAP]);
    lay_out_unmap(handle, 1);
    call(HF_CALL_UNMAP, &by_crowd[UNMAP]);
    *(struct hf_release *)argument_page = (struct hf_release){.window = handle, .tag = TAG};
    call(HF_CALL_RELEASE, &by_crowd[RELEASE]);
}

/* The crowd: windows with a page mapped in each. One exists already, the one for the sizes. */
static void measure_crowds(void)
{
    uint32_t windows = 1;

    for (uint32_t wanted = 1; wanted <= CROWD; wanted *= 10) {
        for (; windows < wanted; windows++) {
            lay_out_map(argument_page, reserve(NULL), CONTIGUOUS, lists[0][CONTIGUOUS], 1);
            call(HF_CALL_MAP, NULL);
        }
        for (uint32_t i = 0; i < SAMPLES; i++)
            one_more();
        for (uint32_t work = 0; work < WORKS; work++)
            if (work != REMAP)
                print(work_names[work], "windows", wanted, &by_crowd[work]);
    }
}

static int set_up(void)
{
    argument_page = nano_pages(1);
    CHECK(argument_page != NULL);
    CHECK_EQUAL(hf_init(), HF_OK);
    CHECK_EQUAL(hf_reserve(LARGEST * HF_PAGE_SIZE, TAG, 0, 0, &window), HF_OK);
    for (uint32_t i = 0; i < 2; i++) {
        const uint64_t backing = (uintptr_t)nano_pages(2 * LARGEST) >> HF_PAGE_SHIFT;
        CHECK(backing != 0);
        lists[i][CONTIGUOUS] = nano_pages(1);
        lists[i][SCATTERED] = nano_pages(LARGEST * sizeof(struct hf_extent) / HF_PAGE_SIZE);
        CHECK(lists[i][CONTIGUOUS] != NULL && lists[i][SCATTERED] != NULL);
        *lists[i][CONTIGUOUS] = (struct hf_extent){backing, 1, HF_RAM};
        /* Every other page, so that no two of them make one mapping. */
        for (uint32_t page = 0; page < LARGEST; page++)
            lists[i][SCATTERED][page] = (struct hf_extent){backing + 2 * page, 1, HF_RAM};
    }
    return 0;
}

/* Command line "start": says that it has started. "idle": does so and stays. */
int guest_main(void)
{
    const char *mode = nano_command_line();

    if (*mode != '\0') {
        hf_printf("started\n");
        while (strcmp(mode, "idle") == 0)
            __asm__ volatile("hlt");
        return 0;
    }
    if (set_up() != 0)
        return 1;
    measure_exit();
    measure_sizes();
    measure_crowds();
    return 0;
}
