#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The watchdog's beats come while guests spin, halt, fault and map, and while a VM is paused or is reset
# again and again; they stop while the control service's thread, or a vCPU that is at work, does not come
# on, which the log tells with its name; and they come again when it does.
. tests/system/notify.bash
export WATCHDOG_USEC=3000000

# silent: beats have stopped: in the time of several looks none comes.
silent() {
    local before
    sleep 1
    before=$(grep -c '^WATCHDOG=1$' "$said")
    sleep 2
    [ "$(grep -c '^WATCHDOG=1$' "$said")" -eq "$before" ]
}

logged() { # VM REGEX
    for _ in $(seq 300); do
        ! grep -qE "$2" "$WORK/$1.log" || return 0
        sleep 0.1
    done
    cat "$WORK/$1.log"
    fail "not told: $2"
}

# stopped VM THREAD [not-in-guest]: this thread stands still until let_go.
stopped() {
    local thread line
    thread=$(thread_of "$1" "$2")
    [ -n "$thread" ] || fail "there is no thread $2"
    coproc STOP { python3 tests/system/notify.py stop "$thread" "${@:3}"; }
    read -r line <&"${STOP[0]}" || { echo "no thread can be stopped here (ptrace)"; exit 77; }
    [ "$line" = stopped ] || fail "the thread $2: $line"
}
let_go() {
    local pid=$STOP_PID
    eval "exec ${STOP[1]}>&-"
    wait "$pid"
}

listen
start busy --append busy --vcpus 2
is_said '^READY=1'
beats_on "of a guest that maps all the time, with a vCPU that waits to be started"
expect 0 pause busy
is_said '^STATUS=paused$'
beats_on "of a VM that is paused"
expect 0 resume busy
for _ in 1 2 3; do expect 0 reset busy; done
is_said '^STATUS=runs$' 1
beats_on "after resets"

stopped busy control
logged busy 'watchdog: thread control has not come on, and is stopped'
silent || fail "beats come though the control service does not answer"
let_go
beats_on "after the control service has come on"

stopped busy 'vcpu 0' not-in-guest
logged busy 'watchdog: thread vcpu 0 has not come on'
silent || fail "beats come though a vCPU does not come on"
let_go
beats_on "after the vCPU has come on"
expect 0 stop busy
gone busy 0

listen
make -s B="$BUILD" guest SRC=tests/system/guests/spins.c OUT="$WORK/spins.elf" || exit 1
for way in spin halt fault; do
    rm -f "$WORK/$way.console"
    "$vmm" --name $way --kernel "$WORK/spins.elf" --append $way >"$WORK/$way.console" 2>"$WORK/$way.log" </dev/null &
    pid_of[$way]=$!
    is_said '^READY=1' || fail "no start"
    beats_on "of a guest that does nothing but $way"
    ! grep -q 'watchdog:' "$WORK/$way.log" || fail "$way: $(grep watchdog: "$WORK/$way.log")"
    expect 0 stop $way
    gone $way 0
    listen
done
exit 0
