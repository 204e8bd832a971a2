/* SPDX-License-Identifier: MIT
 * Accesses to memory that may not be there: whether they succeed, and what they see. */
#ifndef HOLDFAST_TESTS_ACCESS_H
#define HOLDFAST_TESTS_ACCESS_H

#include "nano.h"

#define VECTOR_GP 13u

struct access {
    volatile uint64_t *at;
    uint64_t value;
};

static inline void access_read(void *argument)
{
    struct access *access = argument;

    access->value = *access->at;
}

static inline void access_write(void *argument)
{
    struct access *access = argument;

    *access->at = access->value;
}

/* True if the word can be read; it is in *value (may be NULL) then. */
static inline bool can_read(const void *at, uint64_t *value)
{
    struct access access = {.at = (volatile uint64_t *)(uintptr_t)at};

    if (!nano_try(access_read, &access, NULL))
        return false;
    if (value != NULL)
        *value = access.value;
    return true;
}

static inline bool can_write(void *at, uint64_t value)
{
    struct access access = {.at = at, .value = value};

    return nano_try(access_write, &access, NULL);
}

/* True if a read ends with #GP, as it must where nothing is mapped. */
static inline bool read_is_gp(const void *at)
{
    struct access access = {.at = (volatile uint64_t *)(uintptr_t)at};
    struct nano_exception exception = {.vector = 0};

    return !nano_try(access_read, &access, &exception) && exception.vector == VECTOR_GP;
}

static inline bool write_is_gp(void *at)
{
    struct access access = {.at = at, .value = 0xdead};
    struct nano_exception exception = {.vector = 0};

    return !nano_try(access_write, &access, &exception) && exception.vector == VECTOR_GP;
}

#endif
