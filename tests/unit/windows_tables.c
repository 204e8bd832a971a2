/* SPDX-License-Identifier: MIT
 * RESERVE with few tables of the second level: refused if, and only if, no place in the arena has
 * room and wants no more tables than are left. Every place is looked at, page by page. */
#include "windows_table.h"

#define PAGES   (5 * PIECE_PAGES)
#define WINDOWS 4u
#define ROUNDS  20000u

struct arena_pages {
    bool used[PAGES];
    uint64_t pieces_left;
};

static uint32_t chance(uint32_t below)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state % below);
}

static bool piece_is_used(const struct arena_pages *arena, uint64_t piece)
{
    for (uint64_t page = piece * PIECE_PAGES; page < (piece + 1) * PIECE_PAGES; page++)
        if (arena->used[page])
            return true;
    return false;
}

static bool fits_at(const struct arena_pages *arena, const bool *used, uint64_t at, uint64_t pages)
{
    uint64_t wanted = 0;

    for (uint64_t page = at; page < at + pages; page++)
        if (arena->used[page])
            return false;
    for (uint64_t piece = at / PIECE_PAGES; piece <= (at + pages - 1) / PIECE_PAGES; piece++)
        wanted += !used[piece];
    return wanted <= arena->pieces_left;
}

static bool fits_somewhere(const struct arena_pages *arena, uint64_t pages)
{
    bool used[PAGES / PIECE_PAGES];

    for (uint64_t piece = 0; piece < PAGES / PIECE_PAGES; piece++)
        used[piece] = piece_is_used(arena, piece);
    for (uint64_t at = 0; at + pages <= PAGES; at++)
        if (fits_at(arena, used, at, pages))
            return true;
    return false;
}

static void look(struct table *table, struct arena_pages *arena)
{
    const struct windows_totals totals = totals_of(table);
    uint64_t pieces = 0;

    for (uint64_t piece = 0; piece < PAGES / PIECE_PAGES; piece++)
        pieces += piece_is_used(arena, piece);
    assert_int_equal(totals.pieces, pieces);
    assert_true(totals.pieces <= totals.pieces_max);
    arena->pieces_left = totals.pieces_max - pieces;
}

static void set_used(struct arena_pages *arena, const struct window *window, bool used)
{
    struct window_state state;

    window_describe(window, &state);
    memset(arena->used + (state.arena_page - 10 * PIECE_PAGES), used, state.pages);
}

static void every_place_is_tried(uint64_t pieces)
{
    struct table *table = table_new(&(struct windows_limits){.arena_page = 10 * PIECE_PAGES,
                                                             .arena_pages = PAGES,
                                                             .windows = WINDOWS,
                                                             .extents = WINDOWS,
                                                             .tags = 1,
                                                             .pieces = pieces});
    static struct arena_pages arena;
    struct window *windows[WINDOWS] = {NULL};

    memset(&arena, 0, sizeof arena);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        struct window **window = &windows[chance(WINDOWS)];
        const uint64_t pages = 1 + chance(chance(2) ? 16 : 2 * PIECE_PAGES + 8);
        const struct reserve_request request = {
            .bytes = pages * HF_PAGE_SIZE, .tag = TAG, .max_extents = 1};

        look(table, &arena);
        if (*window != NULL) {
            set_used(&arena, *window, false);
            windows_abandon(table->windows, *window);
            *window = NULL;
        } else if (windows_reserve(table->windows, &request, window) == HF_OK) {
            set_used(&arena, *window, true);
        } else {
            assert_false(fits_somewhere(&arena, pages));
            *window = NULL;
        }
        check_invariants(table->windows);
    }
    table_free(table);
}

static void of_two(void **state)
{
    (void)state;
    every_place_is_tried(2);
}

static void of_three(void **state)
{
    (void)state;
    every_place_is_tried(3);
}

static void of_all(void **state)
{
    (void)state;
    every_place_is_tried(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_two),
        cmocka_unit_test(of_three),
        cmocka_unit_test(of_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
