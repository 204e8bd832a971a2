#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every thread of a VM is in its filter before the guest's first instruction; holdfastctl tells which
# mode is on; a forbidden call ends the VM with one line and status 125. What each filter forbids:
# tests/unit/sandbox_holds.c, sandbox_ranges.c.
. tests/system/control.bash
guest=$BUILD/tests/guest/map_parts.elf
maps=$BUILD/tests/guarantee/vmm-forbidden_call

# lines NAME VALUE: that all threads have this in their status.
lines() {
    local thread
    for thread in /proc/"$pid"/task/*/status; do
        grep -qE "^$1:\s*$2$" "$thread" || fail "$(grep Name "$thread"): not $1 $2: $(grep "^$1" "$thread")"
    done
}

# Of all threads but main, which removes the control socket from a directory of root's.
privileges() {
    local thread name kept=0000000000000000 lock
    lines NoNewPrivs 1
    lock=$(printf '%016x' $((1 << 14))) # CAP_IPC_LOCK
    for thread in /proc/"$pid"/task/*/; do
        read -r name <"$thread/comm"
        [ "$(basename "$thread")" != "$pid" ] || continue
        grep -qE "^CapEff:\s*($kept|$lock)$" "$thread/status" || fail "$name: $(grep CapEff "$thread/status")"
    done
}

start_paused() { # OPTION ...
    "$BUILD/holdfast-vmm" --name sandbox --kernel "$BUILD/guest/hello.elf" --paused --vcpus 2 "$@" \
        </dev/null >"$WORK/console" 2>"$WORK/log" &
    pid=$!
    pid_of[sandbox]=$pid
    # Answers once the control service's thread is in its filter; vCPUs wait for all of them.
    until "$ctl" ping sandbox >/dev/null 2>&1; do
        kill -0 $pid 2>/dev/null || fail "the VM does not start: $(cat "$WORK/log")"
        sleep 0.05
    done
    # The main thread is the last.
    for _ in $(seq 100); do
        ! grep -q "^Seccomp:.*$wanted$" /proc/$pid/status || break
        sleep 0.05
    done
}

shows() { # TEXT: what info says
    "$ctl" info sandbox | grep -qE "^Sandbox +$1$" || fail "info does not say $1"
    [ "$("$ctl" info -j sandbox | jq -r .sandbox)" = "$1" ] || fail "info -j does not say $1"
}

for mode in on log off; do
    wanted=2
    [ $mode != off ] || wanted=0
    start_paused --sandbox $mode
    lines Seccomp $wanted
    [ $mode = off ] || privileges
    shows $mode
    "$ctl" resume sandbox || fail "no resume"
    wait $pid || fail "$mode: ended with $?: $(cat "$WORK/log")"
    grep -q hello "$WORK/console" || fail "$mode: the guest has not run"
done

# On is the default.
wanted=2
start_paused
lines Seccomp 2
shows on
"$ctl" stop sandbox >/dev/null
wait $pid || fail "ended with $?"

run() { # STATUS OPTION ...
    local wanted=$1 status
    shift
    "$maps" --name forbidden --kernel "$guest" "$@" </dev/null >"$WORK/console" 2>"$WORK/log"
    status=$?
    [ $status -eq "$wanted" ] || fail "$*: ended with $status, not $wanted: $(cat "$WORK/log")"
}
line='thread vcpu 0 made the system call 41 socket, at 0x[0-9a-f]+, which its filter forbids'
run 125
[ "$(grep -cE "$line" "$WORK/log")" -eq 1 ] || fail "no line names thread and call: $(cat "$WORK/log")"
[ "$(grep -vc 'runs without what' "$WORK/log")" -eq 2 ] || fail "more than that is said: $(cat "$WORK/log")"
run 0 --sandbox log
run 0 --sandbox off
