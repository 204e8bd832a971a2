#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With pause, a guest that turns itself off, panics or wants a reset is held for the operator, who can
# let it go on.
. tests/system/control.bash
make -s B="$BUILD" guest SRC=tests/system/guests/turns_off.c OUT="$WORK/off.elf" || exit 1

held() { # NAME: returns when it is
    for _ in $(seq 300); do
        [ "$("$ctl" --json info "$1" 2>/dev/null | jq -r .state)" != paused ] || return 0
        sleep 0.1
    done
    cat "$WORK/$1.log"
    fail "$1 is not held"
}
launch() { # NAME option ...
    "$vmm" --name "$1" --kernel "$WORK/off.elf" "${@:2}" </dev/null >/dev/null 2>"$WORK/$1.log" &
    pid_of[$1]=$!
}

launch off --on-poweroff pause
held off
expect 1 resume off
says 'only a reset can start it again'
expect 0 reset off
held off
expect 0 stop off
gone off 0

launch panics --on-panic pause --append panic
held panics
grep -q "the guest's kernel panicked" "$WORK/panics.log" || fail "the log does not tell of the panic"
"$ctl" resume panics >/dev/null || fail "panics cannot be resumed"
gone panics 0 # for then it turns itself off

launch stops --on-poweroff pause
held stops
"$ctl" stop stops >/dev/null || fail "stops cannot be stopped"
gone stops 0
exit 0
