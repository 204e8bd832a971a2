#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# RESERVE uses up pages that KVM keeps ready for a vCPU, and leaves enough: however many tables it has
# made, the vCPU's next faults take no memory.
. tests/guarantee/storm.bash
. tests/guarantee/keep.bash

make_cgroup
[ $kind = v2 ] || { echo "what the kernel is charged is told by version 2 of cgroups"; exit 77; }

# Sets charged to what the kernel has taken for the VMM. The kernel adds up in memory.stat what its
# processors have counted when it is much, or every two seconds; cpu.stat has it added up at once.
look() {
    local key value
    charged=
    value=$(<"$cgroup/cpu.stat")
    while read -r key value; do
        [ "$key" != kernel ] || charged=$value
    done <"$cgroup/memory.stat"
}

start keep_tables 1 --memory 64M --arena 256M
needs_tables
ask t touched
most=0
for _ in $(seq 40); do # KVM keeps 40 pages at most
    ask r reserved
    look
    earlier=$charged
    ask t touched
    look
    [ $((charged - earlier)) -le "$most" ] || most=$((charged - earlier))
done
echo "what first touches of RAM took from the kernel after a RESERVE, at most: $most bytes"
[ "$most" -le 32768 ] || fail "RESERVE leaves a vCPU without pages" # the console's pipe takes some
end_guest
