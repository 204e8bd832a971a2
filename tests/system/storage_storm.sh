#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest that flushes on all its CPUs without end is paused, asked, reset and stopped as any other;
# the calls are counted.
. tests/system/control.bash
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/storage.c OUT="$guest" || exit 1
truncate -s 1M "$WORK/disk"

flushes() { # sets it to the number so far
    expect 0 --json stats web
    flushes=$(jq .calls.flushes "$WORK/out")
}
goes_on() { # returns when there are more flushes than before
    local before=$flushes
    for _ in $(seq 300); do
        flushes
        [ "$flushes" -le "$before" ] || return 0
        sleep 0.1
    done
    fail "the guest does not flush any more"
}

start web --vcpus 4 --object "name=disk,path=$WORK/disk" --append wfdl
flushes=1
goes_on
for _ in 1 2 3; do
    holds '.state == "paused"' pause web
    flushes
    paused=$flushes
    flushes
    [ "$flushes" -eq "$paused" ] || fail "a paused guest flushes"
    holds '.state == "running"' resume web
    goes_on
done
holds '.calls.discards == 1 and .io_errors == 0' stats web
holds '.state == "running"' reset web
ready web 2
goes_on
holds '.calls.discards == 2' stats web

# The flushes that are on end well, the next ones find no object: the guest ends.
expect 0 detach web disk --force
gone web 0
start web --vcpus 4 --object "name=disk,path=$WORK/disk" --append l
holds '.state == "ended"' stop web
gone web 0
