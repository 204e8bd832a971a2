#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With the VMM's memory cgroup full, every MAP, REMAP and UNMAP goes through and shows the right pages,
# and never does anything foreign lie in the arena. Without anything set aside, the VM stands still.
. tests/guarantee/storm.bash
rounds=$((25000 * soak / part))
# Pages in a list. Few maps have to be long ones: small change the kernel has put by for itself.
most=$((soak > 1 || part > 1 ? 512 : 16))

make_cgroup
start map_storm "$rounds $most" --vcpus 2
"$parts/arena_watch" "$pid" >"$WORK/watch" &
watch=$!
fill_cgroup
before_storm=$(shortages)
go_on
says maps || fail "the guest stands still in a full cgroup"
kill "$watch"
wait "$watch" || { cat "$WORK/watch"; fail "something foreign has been in the arena"; }
echo "cgroup $kind: $(grep ^maps "$WORK/console"); $(tail -n 1 "$WORK/watch")"
grep -q "^maps $((2 * rounds)) .* refused 0 wrong 0" "$WORK/console" || fail "not all went well"
[ "$(shortages)" -gt "$before_storm" ] || fail "the cgroup has not been full: this test shows nothing"
! grep -q '#GP' "$WORK/log" || fail "the guest got an exception"
go_on
ended 0
loosen_cgroup

patience=5
start map_storm "4000 512" --vcpus 2 --guarantee off
fill_cgroup
go_on
expect_failure "anything set aside"
