#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A MAP that has waited for a second in a full memory cgroup is told in the log with the cgroup, how
# much of its limit is in use, and the neighbour that is charged to it and takes all that the VMM gives
# back. It goes through once the neighbour has ended.
. tests/guarantee/storm.bash
. tests/guarantee/neighbour.bash
patience=60

trap 'end_neighbour; clean_up' EXIT

# The one line about a call; the numbers of the cgroup in it are right. $told is what comes behind.
told() {
    local line used most
    for _ in $(seq 300); do
        line=$(grep 'MAP of window .* has waited for a second' "$WORK/log") && break
        sleep 0.1
    done
    [ -n "$line" ] || fail "no line says that a call waits"
    [[ $line =~ mmap:\ Cannot\ allocate\ memory,\ attempt\ [0-9]+\;\ the\ memory\ cgroup\ (/[^ ]*)\ is\ full,\ ([0-9]+)\ of\ ([0-9]+)\ KiB(.*) ]] ||
        fail "the line does not tell of the cgroup: $line"
    [[ ${cgroup#/sys/fs/cgroup} == *"${BASH_REMATCH[1]}" ]] || fail "it is another cgroup: $line"
    used=${BASH_REMATCH[2]} most=${BASH_REMATCH[3]} told=${BASH_REMATCH[4]}
    [ "$most" -eq $(($(cat "$cgroup/$limit") >> 10)) ] || fail "the limit is $most KiB: $line"
    [ "$used" -le "$most" ] && [ $((most - used)) -le 1024 ] || fail "$used of $most KiB: $line"
    echo "cgroup $kind: ${line#*: }"
}

make_cgroup
start map_all_isolated 5000
start_neighbour
fill_cgroup
echo >&8
go_on
told
[[ $told == ", and process $neighbour is charged to it, too;"* ]] || fail "it tells of no neighbour:$told"
end_neighbour
says mapped || fail "the MAP does not go through when the neighbour has ended"
! grep -q '#GP' "$WORK/log" || fail "the guest got an exception"
end_vm
