#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While two CPUs map pages of RAM and of an object, operators attach the object and detach it by force,
# reset the VM, drill and watch, all at once: no MAP, REMAP or UNMAP is refused, but for a page of an
# object that has just gone, and every page shows what it should.
. tests/guarantee/storm.bash
needs jq
ctl=$BUILD/holdfastctl
resets=$((6 * soak))
pause=0.05 # of who attaches and detaches
# Where everything is slow, operators alone would keep the machine busy.
[ "$part" -eq 1 ] || resets=2 pause=2
operators=()
trap 'kill "${operators[@]}" 2>/dev/null; clean_up' EXIT

# Ends with the VM. A detach is refused while a call that has the object waits for the host's memory.
attach_and_detach() {
    while kill -0 "$pid" 2>/dev/null; do
        ! "$ctl" attach storm name=disk,size=256K || echo attached
        sleep "$pause"
        until "$ctl" detach storm disk --force; do
            kill -0 "$pid" 2>/dev/null || return
            sleep "$pause"
        done
        echo detached
    done
}

# ready_times N: waits until the guest has come up so often. A reset may cut a line short, so that the
# word stands behind what was written of it.
ready_times() {
    for _ in $(seq 120); do
        [ "$(grep -c 'ready$' "$WORK/console")" -lt "$1" ] || return 0
        sleep 0.5
    done
    fail "the guest does not come up after reset $(($1 - 1))"
}

start map_beside_operators "" --vcpus 2
attach_and_detach >"$WORK/detached" 2>&1 &
operators+=($!)
"$ctl" watch storm --interval 0.1 --json >"$WORK/watched" 2>"$WORK/watch_says" &
operators+=($!)
for ((i = 1; i <= resets; i++)); do
    timeout 30 "$ctl" drill storm --count 3 >"$WORK/answer" 2>&1 || fail "drill: $(cat "$WORK/answer")"
    sleep 0.5
    timeout 30 "$ctl" reset storm >"$WORK/answer" 2>&1 || fail "reset: $(cat "$WORK/answer")"
    ready_times $((i + 1))
done
sleep 2
failures=$("$ctl" stats storm --json | jq .host_failures)
go_on
says maps || fail "the maps stand still"
ended 0
! grep -m 1 -E '^round .*(refused [1-9]|wrong [1-9])' "$WORK/console" || fail "not all went well"
[ "$failures" = 0 ] || fail "the host has failed $failures calls for good"
detached=$(grep -c '^detached' "$WORK/detached")
pictures=$(wc -l <"$WORK/watched")
[ "$detached" -ge "$resets" ] || fail "only $detached detaches: $(tail -n 3 "$WORK/detached")"
[ "$pictures" -ge "$resets" ] || fail "only $pictures pictures: $(cat "$WORK/watch_says")"
grep -q '^round .* with [1-9]' "$WORK/console" || fail "no page of the object was mapped"
echo "$(grep '^maps' "$WORK/console") after $resets resets, beside $detached detaches by force and" \
    "$pictures pictures"
