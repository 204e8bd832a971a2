#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With every allocation of the VMM failing, every MAP, REMAP and UNMAP goes through; none of them
# allocates. A VMM whose MAP does is found out.
. tests/guarantee/storm.bash
without_filters=(--sandbox off)
rounds=$((2000 * soak / part))

# storm WHAT: a storm from whose beginning on allocations fail.
storm() {
    start map_storm "$rounds 16" --vcpus 2
    kill -RTMAX "$pid"
    go_on
    says maps || fail "$1"
    grep -q "^maps $((2 * rounds)) .* refused 0 wrong 0" "$WORK/console" || fail "not all went well"
}

refuse=(env "LD_PRELOAD=$PWD/$parts/allocations_fail.so")
before=("${refuse[@]}")
storm "the guest stands still without malloc"
# The control service lives on as well.
timeout 10 "$BUILD/holdfastctl" stats storm >"$WORK/stats" || fail "holdfastctl gets no answer"
go_on
ended 0
echo "$(grep ^maps "$WORK/console"); all $(grep refused: "$WORK/log")"

before=("${refuse[@]}" ALLOCATIONS=abort)
storm "a vCPU's thread allocates"
go_on
ended 0
grep -q 'allocations refused: 0' "$WORK/log" || fail "a vCPU's thread allocates"

vmm=$parts/vmm-malloc_on_map_path
before=("${refuse[@]}")
storm "malloc is not what this test takes away"
go_on
ended 0
grep -q 'allocations refused: [1-9]' "$WORK/log" || fail "a MAP that allocates is not refused"
echo "with a MAP that allocates: $(grep refused: "$WORK/log")"

before=("${refuse[@]}" ALLOCATIONS=abort)
start map_storm "$rounds 16" --vcpus 2
kill -RTMAX "$pid"
go_on
ended $((128 + 6))
grep -q "a vCPU's thread allocates" "$WORK/log" || fail "a MAP that allocates is not found out"
