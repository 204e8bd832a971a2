#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A pause completes what a vCPU has begun: input from a port that goes to a page which is not mapped
# ends with #GP also where the pause comes between the port and the page.
. tests/system/control.bash
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/input_into_nothing.c OUT="$guest" || exit 1

start in
for _ in $(seq 400); do
    "$ctl" pause in >/dev/null 2>"$WORK/err" && "$ctl" resume in >/dev/null 2>"$WORK/err" ||
        fail "the guest has ended: $(tail -n 2 "$WORK/in.console" "$WORK/err")"
done
