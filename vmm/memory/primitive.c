/* SPDX-License-Identifier: MIT */
#include "primitive.h"

#include <errno.h>
#include <stdatomic.h>

const char *primitive_name(enum primitive primitive)
{
    static const char *const names[PRIMITIVES] = {
        [PRIMITIVE_MAP] = "map",
        [PRIMITIVE_GUARD] = "guard",
        [PRIMITIVE_PREFAULT] = "prefault",
        [PRIMITIVE_RUN] = "run",
    };

    return primitive < PRIMITIVES ? names[primitive] : "?";
}

void injection_set(struct injection *injection, enum primitive primitive, uint32_t count)
{
    atomic_store(&injection->left[primitive], count);
}

bool injection_strikes(struct injection *injection, enum primitive primitive)
{
    uint32_t left = atomic_load_explicit(&injection->left[primitive], memory_order_relaxed);

    while (left > 0) {
        if (atomic_compare_exchange_weak(&injection->left[primitive], &left, left - 1)) {
            atomic_fetch_add(&injection->injected, 1);
            errno = ENOMEM;
            return true;
        }
    }
    return false;
}
