#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With memory.high below its RAM a VM starts at once, as with memory.max: what does not fit is not made
# at the start. It hears signals.
. tests/guarantee/storm.bash
needs jq
make_cgroup
[ $kind = v2 ] || { echo "memory.high is of version 2 of cgroups"; exit 77; }

for what in here above; do
    echo $((96 << 20)) >"$cgroup/memory.high"
    if [ $what = above ]; then
        echo +memory >"$cgroup/cgroup.subtree_control"
        mkdir "$cgroup/below"
        above=$cgroup
        trap 'end_vm; rmdir "$above/below"; cgroup=$above; clean_up' EXIT
        cgroup=$above/below
    fi
    start map_all_isolated 8 --memory 256M
    made=$("$BUILD/holdfastctl" --json guarantee storm | jq '.conditions[] | select(.name == "ram_made").met')
    [ "$made" = false ] || fail "memory.high $what: RAM made: $made"
    kill "$pid"
    ended 0
done
