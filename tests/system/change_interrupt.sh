#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guest gets an interrupt for each object that is attached or detached, and for nothing else;
# one that comes while it is paused waits for it.
. tests/system/control.bash
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/change_interrupt.c OUT="$guest" || exit 1

told() { # LINE: returns when the guest has printed it
    for _ in $(seq 300); do
        grep -qxF "$1" "$WORK/web.console" && return
        sleep 0.1
    done
    cat "$WORK/web.console" "$WORK/web.log"
    fail "the guest does not tell: $1"
}

start web --object name=first,size=4K
expect 1 attach web name=first,size=4K
expect 1 detach web wanted
expect 0 attach web name=wanted,size=4K
told 'change 1: 2 objects, wanted'
expect 0 detach web first
told 'change 2: 1 objects, wanted'

holds '.state == "paused"' pause web
expect 0 detach web wanted --force
holds '.objects == 0' info web
! grep -q 'change 3' "$WORK/web.console" || fail "a paused guest has taken an interrupt"
holds '.state == "running"' resume web
told 'change 3: 0 objects, not wanted'
expect 0 attach web name=last,size=4K
gone web 0
[ "$(grep -c change "$WORK/web.console")" -eq 4 ] || fail "not 4 interrupts"

# After a reset it works as before.
start web
expect 0 attach web name=wanted,size=4K
told 'change 1: 1 objects, wanted'
holds '.state == "running"' reset web
ready web 2
expect 0 detach web wanted
told 'change 1: 0 objects, not wanted'
