#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The unit tests that make the host's primitives fail, map_primitive_fails, reserve_allocation_fails and
# arena_hole_closed, notice when the map path gives up, when a failed RESERVE keeps something, and when
# a hole is left open.
parts=$BUILD/tests/guarantee
[ -d "$BUILD/tests/unit" ] || { echo "the unit tests are not here"; exit 77; }
for test in map_primitive_fails-no_rescue reserve_allocation_fails-no_abandon \
    arena_hole_closed-no_plug; do
    "$BUILD/tests/unit/${test%-*}" >/dev/null 2>&1 || { echo "${test%-*} fails"; exit 1; }
    if timeout 60 "$parts/$test" >"$WORK/output" 2>&1; then
        echo "$test passes: it shows nothing"
        exit 1
    fi
    echo "without the precaution: $test: $(grep -m 1 -E 'FAILED|ERROR|runtime error' "$WORK/output")"
done
