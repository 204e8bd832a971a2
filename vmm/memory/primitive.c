/* SPDX-License-Identifier: MIT */
#include "primitive.h"

#include <errno.h>
#include <stdatomic.h>

const char *primitive_name(enum primitive primitive)
{
    static const char *const names[PRIMITIVES] = {
        [PRIMITIVE_MAP] = "map",           [PRIMITIVE_GUARD] = "guard",
        [PRIMITIVE_PREFAULT] = "prefault", [PRIMITIVE_RUN] = "run",
        [PRIMITIVE_REACH] = "reach",       [PRIMITIVE_BALLAST] = "ballast",
        [PRIMITIVE_SCRATCH] = "scratch",
    };

    return primitive < PRIMITIVES ? names[primitive] : "?";
}

void injection_set(struct injection *injection, enum primitive primitive, uint32_t count)
{
    injection_set_after(injection, primitive, 0, count);
}

void injection_set_after(struct injection *injection, enum primitive primitive, uint32_t skip,
                         uint32_t count)
{
    /* In between, nothing fails. */
    atomic_store(&injection->left[primitive], 0);
    atomic_store(&injection->skip[primitive], skip);
    atomic_store(&injection->left[primitive], count);
}

/* Counts one off; false if there was none. */
static bool count_off(_Atomic uint32_t *count)
{
    uint32_t now = atomic_load(count);

    while (now > 0)
        if (atomic_compare_exchange_weak(count, &now, now - 1))
            return true;
    return false;
}

bool injection_should_fail(struct injection *injection, enum primitive primitive)
{
    if (atomic_load_explicit(&injection->left[primitive], memory_order_relaxed) == 0)
        return false;
    if (count_off(&injection->skip[primitive]) || !count_off(&injection->left[primitive]))
        return false;
    atomic_fetch_add(&injection->injected, 1);
    errno = primitive == PRIMITIVE_REACH ? EFAULT : ENOMEM;
    return true;
}

void injection_set_drill(struct injection *injection)
{
    atomic_store(&injection->by_drill, true);
}

bool injection_is_drill(const struct injection *injection)
{
    return atomic_load(&injection->by_drill);
}
