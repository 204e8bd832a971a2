/* SPDX-License-Identifier: MIT
 * Making the arena and counting what happens in it. */
#include "map_count.h"
#include "room.h"
#include "vmm/cause.h"
#include "vmm/memory/lock.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define VMAS_PROCESS 512u  /* libraries, threads, RAM: fewer in truth, but not varying */
#define VMAS_MARGIN  1024u /* for attached objects and what the C library maps */
#define VMAS_A_VCPU  6u    /* its thread's stack in parts, an allocator's arena, its shared page */
#define MAPS_DEFAULT 65530u

#define ULL(value) ((unsigned long long)(value))

static struct arena_vmas count_vmas(uint32_t vcpus)
{
    struct map_count_files files;
    uint64_t most;
    uint64_t now;

    map_count_open(&files);
    if (!map_count_allowed(&files, &most))
        most = MAPS_DEFAULT;
    if (!map_count_used(&files, &now))
        now = 0;
    map_count_close(&files);
    return (struct arena_vmas){
        .most = most,
        .elsewhere = (now > VMAS_PROCESS ? now : VMAS_PROCESS) + (uint64_t)vcpus * VMAS_A_VCPU,
        .margin = VMAS_MARGIN,
    };
}

/* What vm.max_map_count leaves beside the VMAs that the process has for other things. */
static uint32_t extents_that_fit(const struct arena_vmas *vmas)
{
    const uint64_t other = vmas->elsewhere + vmas->margin;
    const uint64_t extents = vmas->most > other ? (vmas->most - other) / ARENA_VMAS_A_EXTENT : 0;

    return extents < ARENA_EXTENTS_MOST ? (uint32_t)extents : ARENA_EXTENTS_MOST;
}

int arena_extents_most(uint32_t vcpus, uint32_t *extents, struct error *error)
{
    const struct arena_vmas vmas = count_vmas(vcpus);

    *extents = extents_that_fit(&vmas);
    if (*extents > 0)
        return 0;
    return error_set(error,
                     "vm.max_map_count is %llu, and a VM of %u vCPUs needs %llu for its first "
                     "extent; raise it: sysctl vm.max_map_count=%u",
                     ULL(vmas.most), vcpus, ULL(vmas.elsewhere + vmas.margin + ARENA_VMAS_A_EXTENT),
                     MAPS_DEFAULT);
}

/* Zeroed memory with all its pages: whoever holds the arena's lock touches no fresh one, nor, as
 * far as the host permits it to be locked, one that was swapped out. NULL with errno. */
static void *map_populated(const struct memory *memory, size_t bytes, bool *locked)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    if (pages == MAP_FAILED)
        return NULL;
    /* Where RAM could not be locked, what may be is for others. */
    *locked = memory_ram_is_locked(memory) && lock_in_memory(pages, bytes);
    if (*locked || memory_guarantee(memory) != GUARANTEE_STRICT)
        return pages;
    const int cause = errno;
    munmap(pages, bytes);
    errno = cause;
    return NULL;
}

static int make_lists(struct arena *arena, const struct arena_config *config, struct error *error)
{
    const uint32_t wanted = config->vcpus < ARENA_LISTS_MOST ? config->vcpus : ARENA_LISTS_MOST;
    bool locked;

    arena->list_count = wanted > 0 ? wanted : 1;
    arena->list = map_populated(arena->memory, arena->list_count * sizeof *arena->list, &locked);
    if (arena->list == NULL)
        return error_set(error, "no memory for %u page lists: %s", arena->list_count,
                         strerror(errno));
    arena->process.program_locked = arena->process.program_locked && locked;
    for (uint32_t i = 0; i < arena->list_count; i++) {
        arena->list[i].next = arena->lists;
        arena->lists = &arena->list[i];
    }
    return 0;
}

static int make_table(struct arena *arena, const struct arena_config *config, struct error *error)
{
    arena->vmas = count_vmas(config->vcpus);
    const uint32_t fit = extents_that_fit(&arena->vmas);
    const struct windows_limits limits = {
        .arena_page = memory_arena_base(arena->memory) / HF_PAGE_SIZE,
        .arena_pages = memory_arena_bytes(arena->memory) / HF_PAGE_SIZE,
        .windows = config->windows,
        .extents = config->extents > 0 && config->extents < fit ? config->extents : fit,
        .tags = ARENA_TAGS,
        .pieces = config->tables,
    };

    arena->windows_bytes = windows_bytes(&limits);
    bool locked;
    void *table = map_populated(arena->memory, arena->windows_bytes, &locked);
    if (table == NULL)
        return error_set(error, "no memory for a table of %u windows and %u extents: %s",
                         limits.windows, limits.extents, cause_text(errno));
    arena->process.program_locked = arena->process.program_locked && locked;
    arena->windows = windows_create(table, &limits, &arena->backings);
    return 0;
}

struct arena *arena_create(struct memory *memory, const struct arena_config *config,
                           struct error *error)
{
    bool locked;
    struct arena *arena = map_populated(memory, sizeof *arena, &locked);

    if (arena == NULL) {
        error_set(error, "no memory for the arena's lists: %s", cause_text(errno));
        return NULL;
    }
    arena->memory = memory;
    arena->process = config->process;
    arena->process.program_locked = arena->process.program_locked && locked;
    pthread_mutex_init(&arena->lock, NULL);
    pthread_mutex_init(&arena->flush_lock, NULL);
    pthread_cond_init(&arena->flushed, NULL);
    backings_init(&arena->backings, memory_ram_bytes(memory) / HF_PAGE_SIZE,
                  MEMORY_HOLE / HF_PAGE_SIZE, MEMORY_ABOVE / HF_PAGE_SIZE);
    if (make_lists(arena, config, error) < 0 || make_table(arena, config, error) < 0 ||
        teller_start(arena, config->keep_files, error) < 0) {
        arena_destroy(arena);
        return NULL;
    }
    return arena;
}

void arena_destroy(struct arena *arena)
{
    teller_stop(arena);
    if (arena->windows != NULL)
        munmap(arena->windows, arena->windows_bytes);
    if (arena->list != NULL)
        munmap(arena->list, arena->list_count * sizeof *arena->list);
    pthread_mutex_destroy(&arena->lock);
    pthread_mutex_destroy(&arena->flush_lock);
    pthread_cond_destroy(&arena->flushed);
    munmap(arena, sizeof *arena);
}

void arena_give_up(struct arena *arena)
{
    atomic_store(&arena->given_up, true);
}

bool arena_reset(struct arena *arena, const struct arena_caller *caller)
{
    struct arena_call it = call_begin(arena, caller, "reset", true);

    pthread_mutex_lock(&arena->lock);
    drill_end(arena);
    const bool is_alone = call_wait_for_others(&it); /* a forced detach may be under way */
    windows_reset(arena->windows);
    const bool done =
        is_alone && memory_guard(arena->memory, memory_arena_base(arena->memory) / HF_PAGE_SIZE,
                                 memory_arena_bytes(arena->memory) / HF_PAGE_SIZE, &it.memory);
    if (done)
        arena->is_half_done = false;
    arena_charge(arena);
    call_end(&it);
    pthread_mutex_unlock(&arena->lock);
    arena_note_work(arena, &it.memory);
    return done;
}

void arena_charge(struct arena *arena)
{
    struct windows_totals now;

    windows_totals(arena->windows, &now);
    memory_account(arena->memory, (int64_t)now.extents_reserved - (int64_t)arena->extents_charged,
                   (int64_t)now.pieces - (int64_t)arena->pieces_charged);
    arena->extents_charged = now.extents_reserved;
    arena->pieces_charged = now.pieces;
    atomic_store(&arena->windows_now, now.windows);
}

void arena_count(struct arena *arena, uint32_t *windows, uint32_t *objects)
{
    *windows = atomic_load(&arena->windows_now);
    *objects = atomic_load(&arena->objects_now);
}

uint64_t arena_count_fault(struct arena *arena, uint64_t gpa)
{
    uint64_t window = 0;

    atomic_fetch_add(&arena->faults, 1);
    if (gpa != ARENA_GPA_UNKNOWN) {
        pthread_mutex_lock(&arena->lock);
        window = windows_count_fault(arena->windows, gpa / HF_PAGE_SIZE);
        pthread_mutex_unlock(&arena->lock);
    }
    return window;
}

enum page_rights arena_page_rights(struct arena *arena, uint64_t gpa)
{
    pthread_mutex_lock(&arena->lock);
    const enum page_rights rights = windows_page_rights(arena->windows, gpa / HF_PAGE_SIZE);
    pthread_mutex_unlock(&arena->lock);
    return rights;
}

void arena_note_work(struct arena *arena, const struct map_call *call)
{
    if (call->refusals == 0)
        return;
    atomic_fetch_add(&arena->refusals, call->refusals);
    atomic_fetch_add(&arena->rescued, 1);
}

void arena_count_refusal(struct arena *arena)
{
    atomic_fetch_add(&arena->refusals, 1);
}

void arena_count_call(struct arena *arena, enum hf_status status)
{
    atomic_fetch_add(&arena->calls, 1);
    if (status != HF_OK)
        atomic_fetch_add(&arena->refused, 1);
    if (status == HF_HOST_FAILURE)
        atomic_fetch_add(&arena->host_failures, 1);
    if (status == HF_IO_ERROR)
        atomic_fetch_add(&arena->io_errors, 1);
}

void counters_read(struct arena *arena, struct arena_counters *counters)
{
    *counters = (struct arena_counters){
        .base = memory_arena_base(arena->memory),
        .faults = atomic_load(&arena->faults),
        .calls = atomic_load(&arena->calls),
        .refused = atomic_load(&arena->refused),
        .host_failures = atomic_load(&arena->host_failures),
        .flushes = atomic_load(&arena->flushed_calls),
        .discards = atomic_load(&arena->discarded_calls),
        .io_errors = atomic_load(&arena->io_errors),
        .refusals = atomic_load(&arena->refusals),
        .rescued = atomic_load(&arena->rescued),
        .prefault = memory_can_prefault(arena->memory),
    };
    windows_totals(arena->windows, &counters->totals);
}

void arena_counters(struct arena *arena, struct arena_counters *counters)
{
    pthread_mutex_lock(&arena->lock);
    counters_read(arena, counters);
    pthread_mutex_unlock(&arena->lock);
}

void arena_info(struct arena *arena, struct hf_info *info)
{
    struct arena_accounts accounts;
    struct arena_counters now;

    arena_accounts(arena, &accounts);
    arena_counters(arena, &now);
    *info = (struct hf_info){
        .abi_version = HF_ABI_VERSION,
        .features = now.prefault ? HF_FEATURE_PREFAULT : 0,
        .arena_base = {now.base},
        .arena_pages = now.totals.arena_pages,
        .arena_free = now.totals.arena_free,
        .arena_largest = now.totals.arena_largest,
        .windows_max = now.totals.windows_max,
        .windows_free = now.totals.windows_max - now.totals.windows,
        .extents_max = now.totals.extents_max,
        .extents_free = now.totals.extents_max - now.totals.extents_reserved,
        .list_max = HF_LIST_MAX,
        .guarantee_mode = (uint32_t)accounts.mode,
        .guarantee = accounts.met,
        .vmas_max = (uint32_t)accounts.vmas.limit,
        .vmas_held = (uint32_t)accounts.vmas.held,
        .tables_max = accounts.tables.limit,
        .tables_held = accounts.tables.held,
        .ballast_max = accounts.ballast.limit,
        .ballast_held = accounts.ballast.held,
    };
    pthread_mutex_lock(&arena->lock);
    info->objects = arena->backings.attached;
    pthread_mutex_unlock(&arena->lock);
}
