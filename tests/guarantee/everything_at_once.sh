#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a full memory cgroup, while the guest touches RAM and an object for the first time and runs into
# access faults of every kind, and operators look, pause, drill, attach and detach, every MAP and UNMAP
# goes through and shows the right pages. Prints how long the slowest MAP took.
. tests/guarantee/storm.bash
rounds=$((1600 * soak / part))
ctl=$BUILD/holdfastctl

# One after the other, until the VM ends: each asks once more for a while, for the host may have no
# memory to let a client in.
asked=0 failed=()
ask() { # WORD ...: holdfastctl WORD storm ...
    local word=$1
    shift
    for _ in $(seq 20); do
        timeout 30 "$ctl" "$word" storm "$@" >"$WORK/answer" 2>&1 && { asked=$((asked + 1)); return; }
        ! grep -q '^maps' "$WORK/console" || return
        sleep 0.2
    done
    failed+=("$word $*: $(tail -n 1 "$WORK/answer")")
}

make_cgroup
truncate -s 8M "$WORK/file"
start map_beside_touches "$rounds all" --vcpus 2 --memory 96M --object name=object,size=16M
fill_cgroup
go_on
until grep -q '^maps' "$WORK/console" || ! kill -0 "$pid" 2>/dev/null; do
    for look in windows map stats guarantee objects info; do ask "$look"; done
    ask attach "name=file,path=$WORK/file"
    ask detach file
    ask drill --count 3
    ask pause
    ask resume
    [ ${#failed[@]} -eq 0 ] || break
done
says maps || fail "the maps stand still"
echo "cgroup $kind: $(grep ^maps "$WORK/console"); operators were answered $asked times"
[ ${#failed[@]} -eq 0 ] || fail "holdfastctl was not answered: ${failed[*]}"
grep -q "^maps $rounds refused 0 wrong 0" "$WORK/console" || fail "not all went well"
says end || fail "the guest does not end"
grep -q '^end touched [1-9].* faulted [1-9]' "$WORK/console" || fail "nothing was touched"
go_on
ended 0
