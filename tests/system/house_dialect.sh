#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# All C is one dialect: tests/system/house_dialect.py says which, and finds what it must find.
set -u
# Debian's own Python, which has the package.
python=/usr/bin/python3
"$python" -c 'import clang.cindex' 2>/dev/null || { echo "python3-clang is not installed"; exit 77; }
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}

# What it must find, and nothing else: each wrong line says so.
mkdir -p "$WORK/vmm"
cat >"$WORK/vmm/wrong.c" <<'END'
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#define CHECK(condition) ((condition) ? 0 : stop())
#define SIZE(array) sizeof(array)
struct list { struct list *next; int number; };
int stop(void);
int number(const struct list *list);
int number(const struct list *list)
{
    int late; /* wrong */
    int inside; /* wrong */
    int early;
    int step;
    atomic_bool stopped = false;
    const bool there = list; /* wrong */
    if (!list) /* wrong */
        return (int)sizeof(*list); /* wrong */
    for (const struct list *at = list; at; at = at->next) { /* wrong */
        inside = at->number;
        stop();
        stop();
        if (inside > 3)
            return inside;
    }
    if (there)
        early = 1;
    else
        early = 2;
    for (step = 0; step < 3 && list->next; step++) /* wrong */
        early += step;
    CHECK(list->next || early); /* wrong */
    late = early + step;
    return atomic_load(&stopped) || list == NULL ? late : (int)(SIZE(stopped) + sizeof(struct list));
}
END
grep -n 'wrong \*/' "$WORK/vmm/wrong.c" | sed 's/:.*//' >"$WORK/wanted"
script=$PWD/tests/system/house_dialect.py
(cd "$WORK" && "$python" "$script" none vmm/wrong.c) >"$WORK/told"
sed 's/^[^:]*:\([0-9]*\):.*/\1/' "$WORK/told" | sort -nu | diff "$WORK/wanted" - >"$WORK/difference" ||
    complain "the check misses a line (<) or tells of a right one (>): $(cat "$WORK/difference")"

"$python" "$script" "$BUILD" >"$WORK/found" 2>&1 || complain "$(cat "$WORK/found")"
[ "$failed" -eq 0 ]
