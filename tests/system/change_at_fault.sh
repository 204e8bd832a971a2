#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest that reads a page of a file which has been cut short gets #GP and the change interrupt, as for
# an object that was taken away; for a page that it has not mapped, it gets #GP alone.
. tests/system/control.bash
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/change_at_fault.c OUT="$guest" || exit 1
head -c 16384 /dev/zero >"$WORK/file"
mkfifo "$WORK/in"
"$vmm" --kernel "$guest" --name web --object name=file,path="$WORK/file" >"$WORK/web.console" \
    2>"$WORK/web.log" <>"$WORK/in" &
pid_of[web]=$!
ready web 1
truncate -s 4096 "$WORK/file"
printf g >"$WORK/in"
gone web 0
grep -qx 'change 1' "$WORK/web.console" && grep -qx 'changes 1' "$WORK/web.console" || {
    cat "$WORK/web.console" "$WORK/web.log"
    fail "not one change"
}
