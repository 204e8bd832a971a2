#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While the host refuses a MAP for want of memory, and never gives in, whatever an operator asks for is
# done: looks of every kind, a pause, a resume, a reset, the end by SIGTERM, by a stop and from inside a
# pause. `guarantee` shows which calls wait and what for, and the log tells it once, with the reason.
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
grep -q "^Calls and vCPUs that wait for the host's memory now: 2\.$" "$WORK/answer" &&
    grep -qE '^MAP +[0-9]+ ms +0x[0-9a-f]+ +[^ ]+ +mmap +ENOMEM +[0-9]+$' "$WORK/answer" ||
    fail "guarantee does not show which calls wait: $(cat "$WORK/answer")"
for wanted in '.rescues_all == 2 and (.rescues | length == 2)' \
    '.rescues | all(.call == "MAP" and .vcpu == null and .waited_ms >= 1000 and .window > 0 and .address > 0 and
                    .system_call == "mmap" and .error == "ENOMEM" and .attempts > 50)' \
    '.rescues[0].waited_ms >= .rescues[1].waited_ms' \
    '. as $all | .rescues | all(.tag as $tag | $all.tags | any(.tag == $tag and .rescued == 0))'; do
    asks guarantee --json
    jq -e "$wanted" "$WORK/answer" >/dev/null || fail "$wanted: $(cat "$WORK/answer")"
done
line='MAP of window 0x[0-9a-f]+, tag 0x[0-9a-f]+, has waited for a second: mmap: Cannot allocate'
line+=' memory, attempt [0-9]+; a test makes it fail; it is tried again until the host gives in$'
sleep 1
[ "$(grep -cE "$line" "$WORK/log")" -eq 2 ] && [ "$(grep -c 'has waited' "$WORK/log")" -eq 2 ] ||
    fail "not one line for each call that waits: $(cat "$WORK/log")"
asks pause
asks windows
asks resume
# A reset may cut a line short, so that what is said next stands behind it.
: >"$WORK/console"
asks reset
says '.*ready' || fail "the guest does not come up after a reset"
asks guarantee --json
jq -e '.rescues_all == 0' "$WORK/answer" >/dev/null || fail "a reset leaves a call that waits"
go_on
sleep 1
asks windows
asks pause
: >"$WORK/console"
asks reset
asks resume
says '.*ready' || fail "the guest does not come up after a reset from a pause"
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
