/* SPDX-License-Identifier: MIT
 * Calls that are allowed somewhere only: a vCPU maps inside the arena and nowhere else, ballast
 * alone is given back, and pages are asked for in arena and RAM. */
#include "sandbox_tries.h"

#define GUARD (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED)

static struct attempt guard(unsigned long at, unsigned long bytes)
{
    return (struct attempt){SYS_mmap, {at, bytes, PROT_NONE, GUARD, (unsigned long)-1, 0}, 0};
}

static void mmap_stays_inside_the_arena(void **state)
{
    static const enum sandbox_thread threads[] = {SANDBOX_VCPU, SANDBOX_RESET, SANDBOX_WORKER};
    const unsigned long begin = places.arena.begin, end = places.arena.end, all = end - begin;
    const struct attempt inside[] = {guard(begin, PAGE), guard(end - PAGE, PAGE), guard(begin, all),
                                     guard(begin + PAGE, all - PAGE)};
    const struct attempt outside[] = {
        guard(begin - PAGE, PAGE),
        guard(begin - PAGE, 2 * PAGE),
        guard(begin - PAGE, all + 2 * PAGE),
        guard(end - PAGE, 2 * PAGE),
        guard(end, PAGE),
        guard(begin + PAGE, all),
        guard(begin, all + PAGE),
        guard(begin, -(unsigned long)PAGE),
        guard(begin + PAGE, -(unsigned long)PAGE),
        guard(0, PAGE),
        guard(-(unsigned long)PAGE, PAGE),
        guard(begin ^ 1ul << 40, PAGE),
        guard(begin & 0xffffffff, PAGE),
        guard(places.ram.begin, PAGE),
        guard(places.ballast.begin, PAGE),
    };

    (void)state;
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
            assert_outcome(threads[t], &inside[i], PERFORMED);
        for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
            assert_ends(threads[t], &outside[i]);
    }
}

static void mmap_in_the_arena_is_that_of_the_map_path(void **state)
{
    const unsigned long at = places.arena.begin;
    const unsigned long read_write = PROT_READ | PROT_WRITE;
    static const struct {
        unsigned long protection, flags;
    } forms[] = {
        {PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_FIXED},
        {PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED},
        {PROT_EXEC, GUARD},
        {PROT_READ | PROT_WRITE, MAP_SHARED},
        {PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED},
        {PROT_READ | PROT_WRITE, GUARD},
        {PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_HUGETLB},
        {PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_LOCKED},
        {PROT_NONE, MAP_SHARED | MAP_FIXED},
        {PROT_READ | PROT_WRITE | 1ul << 32, MAP_SHARED | MAP_FIXED},
    };
    const struct attempt allowed[] = {
        {SYS_mmap, {at, PAGE, read_write, MAP_SHARED | MAP_FIXED, (unsigned long)-1}, 0},
        {SYS_mmap, {at, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, (unsigned long)-1}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        assert_outcome(SANDBOX_VCPU, &allowed[i], PERFORMED);
        assert_ends(SANDBOX_RESET, &allowed[i]);
        assert_ends(SANDBOX_CONTROL, &allowed[i]);
        assert_ends(SANDBOX_WORKER, &allowed[i]);
        assert_ends(SANDBOX_BALLAST, &allowed[i]);
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct attempt attempt = {
            SYS_mmap, {at, PAGE, forms[i].protection, forms[i].flags, (unsigned long)-1}, 0};
        assert_ends(SANDBOX_VCPU, &attempt);
        assert_ends(SANDBOX_RESET, &attempt);
    }
}

static struct attempt advise(unsigned long at, unsigned long bytes, int advice)
{
    return (struct attempt){SYS_madvise, {at, bytes, (unsigned long)advice}, 0};
}

static void memory_is_given_back_from_the_ballast_alone(void **state)
{
    const struct memory_place *const ballasts[] = {&places.ballast, &places.ram_tables_ballast};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const unsigned long begin = ballasts[i]->begin, all = ballasts[i]->end - begin;
        const struct attempt whole = advise(begin, all, MADV_DONTNEED);
        const struct attempt locked = advise(begin, all, MADV_DONTNEED_LOCKED);
        const struct attempt beyond = advise(begin, all + PAGE, MADV_DONTNEED_LOCKED);
        const struct attempt before = advise(begin - PAGE, PAGE, MADV_DONTNEED_LOCKED);
        assert_outcome(SANDBOX_VCPU, &whole, PERFORMED);
        assert_outcome(SANDBOX_BALLAST, &whole, PERFORMED);
        assert_outcome(SANDBOX_VCPU, &locked, PERFORMED);
        assert_ends(SANDBOX_VCPU, &beyond);
        assert_ends(SANDBOX_VCPU, &before);
        assert_ends(SANDBOX_CLOCK, &locked);
    }
    /* The C library asks for that with a stack, and goes on when it is refused. */
    const struct attempt ram = advise(places.ram.begin, PAGE, MADV_DONTNEED);
    const struct attempt beyond = advise(
        places.ballast.begin, PAGE + places.ballast.end - places.ballast.begin, MADV_DONTNEED);
    for (enum sandbox_thread thread = 0; thread < SANDBOX_THREADS; thread++) {
        assert_outcome(thread, &ram, REFUSED);
        assert_outcome(thread, &beyond, REFUSED);
    }
}

static void pages_are_asked_for_in_arena_and_ram_alone(void **state)
{
    const struct memory_place *const there[] = {&places.arena, &places.ram};
    static const int advices[] = {MADV_POPULATE_READ, MADV_POPULATE_WRITE};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            const struct attempt inside = advise(there[i]->begin, PAGE, advices[j]);
            const struct attempt beyond = advise(there[i]->end - PAGE, 2 * PAGE, advices[j]);
            assert_outcome(SANDBOX_VCPU, &inside, PERFORMED);
            assert_ends(SANDBOX_VCPU, &beyond);
            assert_ends(SANDBOX_CLOCK, &inside);
        }
    }
    const struct attempt resident = {SYS_mincore, {places.arena.begin, PAGE, 0}, 0};
    const struct attempt elsewhere = {SYS_mincore, {places.ram.begin, PAGE, 0}, 0};
    assert_outcome(SANDBOX_VCPU, &resident, PERFORMED);
    assert_ends(SANDBOX_VCPU, &elsewhere);
}

static void only_the_end_unmaps_the_arena(void **state)
{
    static const enum sandbox_thread threads[] = {SANDBOX_WORKER, SANDBOX_CORE_FILE,
                                                  SANDBOX_MONITOR};
    const unsigned long begin = places.arena.begin, end = places.arena.end;
    const struct attempt outside[] = {
        {SYS_munmap, {begin - PAGE, PAGE}, 0},
        {SYS_munmap, {end, PAGE}, 0},
        {SYS_munmap, {-(unsigned long)PAGE, PAGE}, 0},
    };
    const struct attempt inside[] = {
        {SYS_munmap, {begin, PAGE}, 0},
        {SYS_munmap, {end - PAGE, PAGE}, 0},
        {SYS_munmap, {begin - PAGE, PAGE + 1}, 0},
        {SYS_munmap, {begin - PAGE, end - begin + 2 * PAGE}, 0},
        {SYS_munmap, {begin - PAGE, -(unsigned long)PAGE}, 0},
        {SYS_munmap, {begin, 0}, 0},
    };
    const struct attempt moved = {SYS_mremap, {begin, PAGE, PAGE, MREMAP_MAYMOVE}, 0};
    const struct attempt doubled = {SYS_mremap, {end - PAGE, 0, PAGE, MREMAP_MAYMOVE}, 0};

    (void)state;
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
            assert_outcome(threads[t], &outside[i], PERFORMED);
        for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
            assert_ends(threads[t], &inside[i]);
    }
    assert_ends(SANDBOX_MONITOR, &moved);
    assert_ends(SANDBOX_MONITOR, &doubled);
    assert_outcome(SANDBOX_MAIN, &inside[0], PERFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mmap_stays_inside_the_arena),
        cmocka_unit_test(mmap_in_the_arena_is_that_of_the_map_path),
        cmocka_unit_test(memory_is_given_back_from_the_ballast_alone),
        cmocka_unit_test(pages_are_asked_for_in_arena_and_ram_alone),
        cmocka_unit_test(only_the_end_unmaps_the_arena),
    };

    return cmocka_run_group_tests(tests, make_filters, NULL);
}
