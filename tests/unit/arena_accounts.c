/* SPDX-License-Identifier: MIT
 * The accounts of RESERVE's budgets: each follows RESERVE, MAP and RELEASE, and a RESERVE that is
 * refused leaves all of them as they were. */
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/accounts.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/operators.h"
#include "vmm/memory/ballast.h"

#include <pthread.h>
#include <stdlib.h>

#define TAG     0x54455354u
#define EXTENTS 40u

struct booked {
    struct memory *memory;
    struct arena *arena;
};

static int setup(void **state)
{
    static struct booked booked;
    const struct arena_config config = {
        .windows = 3, .extents = EXTENTS, .process = {.oom_protected = true}};
    struct error error;

    booked.memory = make_memory();
    booked.memory->guarantee = GUARANTEE_BEST_EFFORT;
    booked.memory->ram_made = true;
    assert_int_equal(
        ballast_init(&booked.memory->ballast, 1 << 20, false, &booked.memory->injection), 0);
    booked.arena = arena_create(booked.memory, &config, &error);
    assert_non_null(booked.arena);
    *state = &booked;
    return 0;
}

static int teardown(void **state)
{
    struct booked *booked = *state;

    arena_destroy(booked->arena);
    ballast_free(&booked->memory->ballast);
    forget(booked->memory);
    return 0;
}

static struct arena_accounts accounts_of(const struct booked *booked)
{
    struct arena_accounts accounts;

    memset(&accounts, 0, sizeof accounts);
    arena_accounts(booked->arena, &accounts);
    return accounts;
}

static void assert_account(struct arena_account account, uint64_t held, uint64_t in_use,
                           uint64_t limit)
{
    assert_int_equal(account.held, held);
    assert_int_equal(account.in_use, in_use);
    assert_int_equal(account.limit, limit);
}

static uint64_t reserve(const struct booked *booked, uint64_t pages, uint32_t extents)
{
    struct hf_reserve call = {.bytes = pages * HF_PAGE_SIZE, .tag = TAG, .max_extents = extents};

    assert_int_equal(arena_reserve(booked->arena, &no_vcpu, &call), HF_OK);
    return call.window;
}

static void map(const struct booked *booked, uint64_t window)
{
    struct hf_extent *list = (void *)booked->memory->ram;
    struct hf_map call = {.window = window, .extents = 2, .tag = TAG, .cache = HF_CACHE_CACHED};

    list[0] = (struct hf_extent){.first = 1, .pages = 3};
    list[1] = (struct hf_extent){.first = 9, .pages = 1};
    assert_int_equal(arena_map(booked->arena, &no_vcpu, &call), HF_OK);
}

static void each_account_follows_the_calls(void **state)
{
    const struct booked *booked = *state;
    struct arena_accounts now = accounts_of(booked);
    const uint64_t room = booked->memory->ballast.room;

    assert_account(now.arena, 0, 0, ARENA_PAGES);
    assert_account(now.vmas, 0, 0, 2 * EXTENTS);
    assert_account(now.tables, 0, 0, 1);
    assert_account(now.ballast, 0, 0, room);
    assert_account(now.windows, 0, 0, 3);
    assert_account(now.extents, 0, 0, EXTENTS);

    const uint64_t window = reserve(booked, 20, 10);
    const struct hf_release release = {reserve(booked, 30, 20), TAG, 0};
    const uint64_t before = accounts_of(booked).ballast.held;
    assert_int_equal(arena_release(booked->arena, &no_vcpu, &release), HF_OK);
    assert_in_range(before - accounts_of(booked).ballast.held, 20 * 1000, 20 * 1000);
    reserve(booked, 10, 0);
    map(booked, window);
    now = accounts_of(booked);
    assert_account(now.arena, 30, 4, ARENA_PAGES);
    assert_account(now.vmas, 40, 4, 2 * EXTENTS);
    assert_account(now.tables, 1, 0, 1);
    assert_int_equal(now.ballast.held, booked->memory->ballast.wanted);
    assert_true(now.ballast.held > 20 * 1000 && now.ballast.held <= now.ballast_taken);
    assert_account(now.windows, 2, 2, 3);
    assert_account(now.extents, 20, 2, EXTENTS);

    arena_reset(booked->arena, &no_vcpu);
    now = accounts_of(booked);
    assert_account(now.arena, 0, 0, ARENA_PAGES);
    assert_account(now.ballast, 0, 0, room);
    assert_account(now.tables, 0, 0, 1);
    assert_account(now.extents, 0, 0, EXTENTS);
}

static void a_refused_reserve_leaves_every_account_as_it_was(void **state)
{
    const struct booked *booked = *state;
    static const struct hf_reserve refused[] = {
        {.bytes = (ARENA_PAGES - 9) * HF_PAGE_SIZE, .tag = TAG, .max_extents = 1},
        {.bytes = 35 * HF_PAGE_SIZE, .tag = TAG, .max_extents = EXTENTS - 9},
        {.bytes = HF_PAGE_SIZE, .tag = TAG + 1},               /* its quota */
        {.bytes = 2 * HF_PAGE_SIZE, .tag = TAG + 2},           /* the host, see below */
        {.bytes = HF_PAGE_SIZE, .tag = TAG, .max_extents = 1}, /* no window is left */
    };
    const struct tag_amounts quota = {.pages = 1};
    struct error error;

    reserve(booked, 10, 10);
    assert_int_equal(arena_set_quota(booked->arena, TAG + 1, &quota, &error), 0);
    struct hf_reserve all = {.bytes = HF_PAGE_SIZE, .tag = TAG + 1};
    assert_int_equal(arena_reserve(booked->arena, &no_vcpu, &all), HF_OK);
    for (size_t i = 0; i < 5; i++) {
        struct hf_reserve call = refused[i];
        if (i == 3) { /* ballast is wanted anew and cannot be had */
            ballast_lend(&booked->memory->ballast);
            injection_set(&booked->memory->injection, PRIMITIVE_BALLAST, 2);
        }
        if (i == 4)
            reserve(booked, 1, 1);
        struct arena_accounts before = accounts_of(booked);
        assert_int_equal(arena_reserve(booked->arena, &no_vcpu, &call), HF_NO_RESOURCES);
        injection_set(&booked->memory->injection, PRIMITIVE_BALLAST, 0);
        struct arena_accounts after = accounts_of(booked);
        after.ballast_taken = before.ballast_taken;
        after.ballast.in_use = before.ballast.in_use;
        after.met = before.met;
        assert_memory_equal(&after, &before, sizeof before);
    }
}

struct reserver {
    const struct booked *booked;
    unsigned refused;
    bool stop;
};

/* Wants more ballast than there can ever be, again and again. */
static void *reserve_too_much(void *argument)
{
    struct reserver *reserver = argument;

    while (!__atomic_load_n(&reserver->stop, __ATOMIC_RELAXED)) {
        struct hf_reserve call = {
            .bytes = 50 * HF_PAGE_SIZE, .tag = TAG, .max_extents = EXTENTS - 5};
        if (arena_reserve(reserver->booked->arena, &no_vcpu, &call) != HF_NO_RESOURCES)
            abort();
        __atomic_fetch_add(&reserver->refused, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void a_reserve_is_not_refused_for_another_one_that_fails(void **state)
{
    const struct booked *booked = *state;
    struct reserver reserver = {.booked = booked};
    pthread_t thread;

    booked->memory->extent_cost = 1 << 20;
    booked->memory->ballast.room = 8 << 20;
    booked->memory->ballast.memory =
        mremap(booked->memory->ballast.memory, 1 << 20, 8 << 20, MREMAP_MAYMOVE);
    assert_true(booked->memory->ballast.memory != MAP_FAILED);
    assert_int_equal(pthread_create(&thread, NULL, reserve_too_much, &reserver), 0);
    while (__atomic_load_n(&reserver.refused, __ATOMIC_RELAXED) < 300) {
        struct hf_reserve call = {.bytes = HF_PAGE_SIZE, .tag = TAG, .max_extents = 1};
        assert_int_equal(arena_reserve(booked->arena, &no_vcpu, &call), HF_OK);
        const struct hf_release release = {call.window, TAG, 0};
        assert_int_equal(arena_release(booked->arena, &no_vcpu, &release), HF_OK);
    }
    __atomic_store_n(&reserver.stop, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
}

static void what_is_there_and_what_is_missing_is_told(void **state)
{
    const struct booked *booked = *state;
    const uint32_t wanted = HF_GUARANTEE_RAM_MADE | HF_GUARANTEE_OOM_PROTECTED |
                            HF_GUARANTEE_BALLAST | HF_GUARANTEE_OBJECTS_MADE;
    struct hf_info info;

    reserve(booked, 4, 4);
    assert_int_equal(accounts_of(booked).met, wanted);
    arena_info(booked->arena, &info);
    assert_int_equal(info.guarantee, wanted);
    assert_int_equal(info.guarantee_mode, GUARANTEE_BEST_EFFORT);
    assert_int_equal(info.vmas_held, 8);
    assert_int_equal(info.vmas_max, 2 * EXTENTS);
    assert_int_equal(info.tables_held, 1);
    assert_int_equal(info.tables_max, 1);
    assert_int_equal(info.ballast_held, booked->memory->ballast.wanted);
    assert_int_equal(info.ballast_max, booked->memory->ballast.room);

    ballast_want(&booked->memory->ballast, 1 << 19);
    assert_int_equal(accounts_of(booked).met, wanted & ~HF_GUARANTEE_BALLAST);
    ballast_want(&booked->memory->ballast, -(1 << 19));
    assert_int_equal(accounts_of(booked).met, wanted);
    assert_true(ballast_lend(&booked->memory->ballast));
    assert_int_equal(accounts_of(booked).met, wanted & ~HF_GUARANTEE_BALLAST);
    assert_int_equal(accounts_of(booked).ballast.in_use, booked->memory->ballast.held);
    booked->memory->ram_locked = booked->memory->can_prefault = true;
    booked->memory->ram_made = false;
    assert_int_equal(accounts_of(booked).met, HF_GUARANTEE_RAM_LOCKED | HF_GUARANTEE_OOM_PROTECTED |
                                                  HF_GUARANTEE_TABLES_AHEAD |
                                                  HF_GUARANTEE_OBJECTS_MADE);
    assert_int_equal(accounts_of(booked).tables.in_use, 1);
}

static void tables_of_ram_and_pages_of_objects_are_told(void **state)
{
    const struct booked *booked = *state;
    struct ram_tables *tables = &booked->memory->ram_tables;
    struct object *object = &booked->memory->object[1];

    tables->pieces = 8;
    tables->ahead = 3;
    assert_int_equal(accounts_of(booked).met & HF_GUARANTEE_RAM_TABLES, 0);
    assert_int_equal(accounts_of(booked).ram_tables.held, 3);
    tables->covered = true;
    assert_int_equal(accounts_of(booked).met & HF_GUARANTEE_RAM_TABLES, HF_GUARANTEE_RAM_TABLES);
    assert_int_equal(accounts_of(booked).ram_tables.held, 8);
    assert_int_equal(accounts_of(booked).ram_tables.in_use, 3);

    *object = (struct object){.fd = booked->memory->ram_fd, .bytes = 5000, .in_memory = true};
    assert_int_equal(accounts_of(booked).met & HF_GUARANTEE_OBJECTS_MADE, 0);
    object->made = true;
    assert_int_equal(accounts_of(booked).met & HF_GUARANTEE_OBJECTS_MADE,
                     HF_GUARANTEE_OBJECTS_MADE);
    assert_int_equal(accounts_of(booked).object_memory.limit, 5000);
    object->fd = -1;
}

static void quotas_that_make_no_sense_are_told(void **state)
{
    const struct booked *booked = *state;
    const struct tag_amounts quota = {.pages = 1};
    struct tag_state tag;
    struct tag_state two[2];
    struct error error;

    assert_int_equal(arena_set_quota(booked->arena, 0, &quota, &error), -1);
    for (uint32_t i = 1; i <= ARENA_TAGS; i++)
        assert_int_equal(arena_set_quota(booked->arena, UINT32_MAX - i, &quota, &error), 0);
    assert_int_equal(arena_set_quota(booked->arena, 1, &quota, &error), -1);
    assert_int_equal(arena_set_quota(booked->arena, UINT32_MAX - 5, &quota, &error), 0);
    assert_int_equal(arena_tags(booked->arena, UINT32_MAX - 1, &tag, 1), 1);
    assert_int_equal(tag.tag, UINT32_MAX - 1);
    assert_int_equal(arena_tags(booked->arena, UINT32_MAX, &tag, 1), 0);

    /* The largest number there is has none behind it. */
    const struct tag_amounts none = {0};
    assert_int_equal(arena_set_quota(booked->arena, UINT32_MAX - 1, &none, &error), 0);
    assert_int_equal(arena_set_quota(booked->arena, UINT32_MAX, &quota, &error), 0);
    assert_int_equal(arena_tags(booked->arena, UINT32_MAX, two, 2), 1);
    assert_int_equal(two[0].tag, UINT32_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_account_follows_the_calls),
        TEST(a_refused_reserve_leaves_every_account_as_it_was),
        TEST(a_reserve_is_not_refused_for_another_one_that_fails),
        TEST(what_is_there_and_what_is_missing_is_told),
        TEST(tables_of_ram_and_pages_of_objects_are_told),
        TEST(quotas_that_make_no_sense_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
