#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ballast that was lent in a shortage is taken again when the guest has unmapped what it cost, so that
# the next shortage finds it there. Without the thread that does so it stays away.
. tests/guarantee/storm.bash

# What is in use in the cgroup, in KiB, when the storm has passed: far below the limit, or near it.
missing_after_storm() {
    start map_storm "1000 512" --vcpus 2
    fill_cgroup
    go_on
    says maps || fail "the guest stands still in a full cgroup"
    sleep 1
    missing=$((($(cat "$cgroup/$limit") - $(in_use)) >> 10))
    go_on
    ended 0
    loosen_cgroup
}

make_cgroup
missing_after_storm
with=$missing
vmm=$parts/vmm-no_ballast_thread
missing_after_storm
echo "short of the limit when all is unmapped: $with KiB with the thread, $missing KiB without"
[ "$with" -le 1024 ] || fail "the ballast has not come back"
[ "$missing" -ge 2048 ] || fail "the ballast is back without the thread: this test shows nothing"
