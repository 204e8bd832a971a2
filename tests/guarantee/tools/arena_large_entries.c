/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=arena_place: one whose arena lies as the guest sees it,
 * modulo 2 MiB, so that KVM may map it by large entries. */
#include "vmm/memory/layout.h"

uint8_t *__wrap_arena_place(uint64_t bytes, struct error *error); /* NOLINT */
uint8_t *__real_arena_place(uint64_t bytes, struct error *error); /* NOLINT */

uint8_t *__wrap_arena_place(uint64_t bytes, struct error *error)
{
    uint8_t *arena = __real_arena_place(bytes, error);

    /* Into the margin. */
    return arena - (uintptr_t)arena % (LARGE_ENTRY);
}
