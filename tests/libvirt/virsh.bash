# SPDX-License-Identifier: MIT
# What tests say of domains; sourced by those that have a function tested_virsh, their libvirt's, and a
# function fail.
# shellcheck shell=bash

# does WORD ...: virsh does it. Its output is in $WORK/out.
does() {
    tested_virsh "$@" >"$WORK/out" 2>"$WORK/err" || { cat "$WORK/err"; fail "virsh $* failed"; }
}

# fails REGEX WORD ...: virsh does not do it, and says a line like this.
fails() {
    local wanted=$1
    shift
    ! tested_virsh "$@" >"$WORK/out" 2>"$WORK/err" || fail "virsh $* did not fail"
    grep -qE -- "$wanted" "$WORK/err" || { cat "$WORK/err"; fail "virsh $* does not say: $wanted"; }
}

# says REGEX: the last output of virsh or holdfastctl has a line like this.
says() {
    grep -qE -- "$1" "$WORK/out" || { cat "$WORK/out"; fail "not said: $1"; }
}

# until_ WHAT COMMAND ...: waits until the command succeeds.
until_() {
    local what=$1
    shift
    for _ in $(seq "${VAIN:-600}"); do
        "$@" && return
        sleep 0.1
    done
    fail "in vain: $what"
}

is_in() { # NAME STATE: "running (booted)" and so on
    [ "$(tested_virsh domstate "$1" --reason 2>/dev/null)" = "$2" ]
}
comes_to() { # NAME STATE
    until_ "$1: $2; it is: $(tested_virsh domstate "$1" --reason 2>&1)" is_in "$1" "$2"
}
