#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While the host refuses a MAP for want of memory, and never gives in, whatever an operator asks for is
# done: looks of every kind, a pause, a resume, a reset, the end by SIGTERM, by a stop and from inside a
# pause.
. tests/guarantee/storm.bash
vmm=$parts/vmm-maps_refused

# The guest's two CPUs wait, each in a MAP.
start_waiting() {
    start map_storm "10 4" --vcpus 2 "$@"
    go_on
    for _ in $(seq 100); do
        grep -q 'has waited for a second' "$WORK/log" && return
        sleep 0.1
    done
    fail "no line says that a call waits"
}

asks() { # WHAT ...: holdfastctl does it
    timeout 30 "$BUILD/holdfastctl" "$@" storm >"$WORK/answer" 2>&1 ||
        fail "holdfastctl $* is not answered while a MAP waits: $(cat "$WORK/answer")"
}

start_waiting --object name=object,size=64K
for look in ping info windows objects stats map guarantee; do asks "$look"; done
grep -q 'All ballast held' "$WORK/answer" || fail "guarantee tells nothing"
asks pause
asks windows
asks resume
: >"$WORK/console"
asks reset
says ready || fail "the guest does not come up after a reset"
go_on
sleep 1
asks windows
asks pause
asks reset
asks resume
says ready || fail "the guest does not come up after a reset from a pause"
go_on
sleep 1
kill -TERM "$pid"
ended 0

start_waiting
asks stop
ended 0

start_waiting
asks pause
asks stop
ended 0
echo "looks, pause, resume, reset, stop and SIGTERM are answered while a MAP waits"
