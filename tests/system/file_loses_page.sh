#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest touches a mapped page that its host can no longer give: of a file that was cut short, of a hole
# on a file system without room. It gets #GP, the VM costs no more processor time than before, and the
# page is there again when the host can give it.
. tests/system/control.bash
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/page_lost.c OUT="$guest" || exit 1

clean_up() {
    end_all
    ! mountpoint -q "$WORK/small" || umount "$WORK/small"
}
trap clean_up EXIT

begin() { # FILE
    truncate -s 8K "$1" || fail "no file $1"
    rm -f "$WORK/in"
    mkfifo "$WORK/in"
    : >"$WORK/web.console"
    "$vmm" --name web --kernel "$guest" --object "name=object,path=$1" \
        >"$WORK/web.console" 2>"$WORK/web.log" <>"$WORK/in" &
    pid_of[web]=$!
    ready web 1
}

touches() { # LINE
    printf x >"$WORK/in"
    for _ in $(seq 300); do
        ! grep -qxF "$1" "$WORK/web.console" || return 0
        sleep 0.1
    done
    cat "$WORK/web.console" "$WORK/web.log"
    fail "the guest does not tell: $1"
}

ticks() {
    awk '{print $14 + $15}' "/proc/${pid_of[web]}/stat"
}

# Not half of one processor; a tick is 10 ms.
sleeps() {
    local before
    before=$(ticks)
    sleep 2
    [ $(($(ticks) - before)) -lt 100 ] || fail "the VMM keeps a processor busy"
}

ends() {
    printf . >"$WORK/in"
    gone web 0
    grep -q 'mapped, but .*Bad address: #GP' "$WORK/web.log" || fail "the log does not tell why"
}

begin "$WORK/file"
touches '1: there'
truncate -s 4K "$WORK/file"
touches '2: #GP'
sleeps
touches '3: #GP'
truncate -s 8K "$WORK/file"
touches '4: there'
ends

mkdir "$WORK/small"
mount -t tmpfs -o size=64K none "$WORK/small" 2>"$WORK/err" || { cat "$WORK/err"; exit 77; }
begin "$WORK/small/file"
touches '1: there'
truncate -s 4K "$WORK/small/file"
truncate -s 8K "$WORK/small/file"
head -c 128K /dev/zero >"$WORK/small/fills" 2>"$WORK/err"
grep -q 'No space' "$WORK/err" || fail "the file system is not full"
touches '2: #GP'
sleeps
rm "$WORK/small/fills"
touches '3: there'
ends
