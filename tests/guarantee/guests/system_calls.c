/* SPDX-License-Identifier: MIT
 * Makes each kind of call, with a FLUSH of the object "file" before and behind: of its fsync() the
 * host sees where a call begins. Says nothing meanwhile; then a line for each: "MAP,e,u,p", the
 * extents, those of them that were not made, and the pages. On the command line, m says
 * that RAM and the object "memory" were made, and f that "file" was. */
#include "holdfast/guest.h"
#include "nano.h"

#define TAG   0x54455354u
#define CALLS 32
#define HOLEY 40u    /* pages of "file", every other of which the host has in memory */
#define LONG  16385u /* pages: one more than MAP fills */

static struct hf_object_open file, memory;
static struct hf_window window;
static bool is_memory_made, is_file_made; /* of RAM and of "memory"; of "file" */
static uint64_t ram;                      /* page number of pages of RAM */

static struct {
    const char *name;
    unsigned extents, unmade;
    uint64_t pages;
} made[CALLS];
static unsigned calls;

static int fence(void)
{
    return hf_flush(file.id);
}

static int done(const char *name, int status, unsigned extents, unsigned unmade, uint64_t pages)
{
    if (status != HF_OK) {
        hf_printf("FAILED %s: %s\n", name, hf_status_name(status));
        return 1;
    }
    made[calls].name = name;
    made[calls].extents = extents;
    made[calls].unmade = unmade;
    made[calls++].pages = pages;
    return fence();
}

static unsigned unmade(const struct hf_extent *list, uint32_t count)
{
    unsigned found = 0;

    for (uint32_t i = 0; i < count; i++)
        found += !is_memory_made || list[i].object == file.id;
    return found;
}

static uint64_t pages_of(const struct hf_extent *list, uint32_t count)
{
    uint64_t pages = 0;

    for (uint32_t i = 0; i < count; i++)
        pages += list[i].pages;
    return pages;
}

static int map(const struct hf_extent *list, uint32_t count)
{
    return done("MAP", hf_map(&window, 8, list, count, 0, NULL, NULL), count, unmade(list, count),
                pages_of(list, count));
}

static int unmap(uint64_t offset, uint64_t pages)
{
    return done("UNMAP", hf_unmap(&window, offset, pages), 0, 0, pages);
}

static int remap(uint64_t from, uint64_t old_pages, uint64_t to, const struct hf_extent *list,
                 uint32_t count)
{
    return done("REMAP", hf_remap(&window, from, old_pages, to, list, count, 0, NULL, NULL), count,
                unmade(list, count), pages_of(list, count));
}

static int maps_of_all_kinds(void)
{
    const struct hf_extent apart[] = {
        {ram, 1, HF_RAM}, {ram + 2, 1, HF_RAM}, {ram + 4, 2, HF_RAM}, {ram, 3, HF_RAM}};
    const struct hf_extent mixed[] = {
        {ram, 2, HF_RAM}, {3, 2, memory.id}, {ram + 5, 1, HF_RAM}, {0, 1, memory.id}};
    const struct hf_extent holey[] = {{ram, 1, HF_RAM},
                                      {0, HOLEY, file.id},
                                      {0, 2, memory.id},
                                      {0, HOLEY, file.id},
                                      {ram + 2, 1, HF_RAM}};
    const struct hf_extent large = {0, LONG, file.id};

    return map(apart, 1) || unmap(8, 1) || map(apart, 4) || unmap(8, 7) || map(mixed, 4) ||
           unmap(8, 6) || map(holey, 5) || unmap(8, 2 * HOLEY + 4) || map(&large, 1) ||
           unmap(8, LONG);
}

static int remaps_of_all_kinds(void)
{
    const struct hf_extent four[] = {
        {ram, 1, HF_RAM}, {ram + 2, 1, HF_RAM}, {4, 1, memory.id}, {ram, 1, HF_RAM}};
    const struct hf_extent holey[] = {{ram, 1, HF_RAM}, {0, HOLEY, file.id}, {ram, 1, HF_RAM}};

    /* In its place, further on, back, elsewhere, into its middle. */
    return map(four, 4) || remap(8, 4, 8, four, 4) || remap(8, 4, 9, four, 4) ||
           remap(9, 4, 8, four, 4) || remap(8, 4, 20, four, 4) || remap(20, 4, 21, four, 2) ||
           remap(21, 2, 0, holey, 3) || unmap(0, HOLEY + 2);
}

static int discard(const struct hf_object_open *object, bool is_made, uint64_t pages)
{
    return done(is_made ? "DISCARD made" : "DISCARD", hf_discard(object->id, 0, pages), 0, 0,
                pages);
}

static int others(void)
{
    return done("FLUSH", hf_flush(file.id), 0, 0, 0) ||
           discard(&file, is_file_made, file.bytes / HF_PAGE_SIZE) ||
           discard(&memory, is_memory_made, 40) || discard(&memory, is_memory_made, 64) ||
           done("RELEASE", hf_release(&window), 0, 0, 0);
}

static bool has(char letter)
{
    const char *at = nano_command_line();

    while (*at != '\0' && *at != letter)
        at++;
    return *at == letter;
}

int guest_main(void)
{
    struct hf_info info;
    void *page = nano_pages(8);

    CHECK(page != NULL && hf_init() == HF_OK && hf_info(&info) == HF_OK);
    ram = (uintptr_t)page / HF_PAGE_SIZE;
    is_memory_made = has('m');
    is_file_made = has('f');
    CHECK_EQUAL(hf_object_open("file", &file), HF_OK);
    CHECK_EQUAL(hf_object_open("memory", &memory), HF_OK);
    CHECK_EQUAL(hf_reserve((LONG + 8) * HF_PAGE_SIZE, TAG, 0, 64, &window), HF_OK);
    CHECK_EQUAL(fence(), HF_OK);
    if (maps_of_all_kinds() || remaps_of_all_kinds() || others())
        return 1;
    hf_printf("k %d\n", info.features & HF_FEATURE_PREFAULT ? 2 : 1);
    for (unsigned i = 0; i < calls; i++)
        hf_printf("%s,%u,%u,%llu\n", made[i].name, made[i].extents, made[i].unmade,
                  (unsigned long long)made[i].pages);
    return 0;
}
