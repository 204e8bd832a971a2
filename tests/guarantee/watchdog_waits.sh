#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The watchdog's beats come in a full memory cgroup, and while a MAP waits there for memory that a neighbour
# takes: nobody who supervises the VMM ends it then. Where a beat takes memory that there is not, the
# supervisor is told by what was set aside for it to wait for longer; and to be as strict as before once
# there is memory again.
. tests/guarantee/storm.bash
. tests/guarantee/neighbour.bash
patience=60
listener=''

trap 'end_neighbour; [ -z "$listener" ] || kill "$listener"; clean_up' EXIT

beats() { grep -c 'WATCHDOG=1$' "$WORK/said"; }

# beats_on COUNT WHAT: so many more come.
beats_on() {
    local wanted=$(($(beats) + $1))
    for _ in $(seq 300); do
        [ "$(beats)" -lt $wanted ] || return 0
        sleep 0.1
    done
    fail "no beats $2; told: $(tail -n 3 "$WORK/said")"
}

make_cgroup
"$parts/supervisor" "$WORK/notify" >"$WORK/said" &
listener=$!
for _ in $(seq 100); do ! grep -q listens "$WORK/said" || break; sleep 0.1; done
before=(env NOTIFY_SOCKET="$WORK/notify" WATCHDOG_USEC=3000000)
start map_all_isolated 5000
start_neighbour
fill_cgroup
beats_on 6 "in a full memory cgroup"
echo >&8
go_on
for _ in $(seq 300); do
    ! grep -q 'MAP of window .* has waited for a second' "$WORK/log" || break
    sleep 0.1
done
grep -q 'MAP of window .* has waited for a second' "$WORK/log" || fail "no call waits: the test is void"
for _ in $(seq 300); do
    last=$(grep WATCHDOG "$WORK/said" | tail -n 1)
    [ "$last" != 'WATCHDOG_USEC=3600000000|WATCHDOG=1' ] || break
    sleep 0.1
done
if [ "$last" != 'WATCHDOG_USEC=3600000000|WATCHDOG=1' ]; then
    beats_on 30 "while a MAP waits for memory, nor is the supervisor told to wait for longer"
    echo "cgroup $kind: a beat finds memory although a MAP does not"
fi
! grep -q watchdog: "$WORK/log" || fail "the watchdog takes a rescue for a standstill: $(grep watchdog: "$WORK/log")"
end_neighbour
says mapped || fail "the MAP does not go through when the neighbour has ended"
beats_on 3 "when there is memory again"
grep WATCHDOG "$WORK/said" | tail -n 1 | grep -qx 'WATCHDOG=1' || fail "the supervisor still waits for longer"
end_vm
