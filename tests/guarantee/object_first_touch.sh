#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While a guest touches the pages of an object for the first time, every MAP goes through in a full
# memory cgroup: the pages of a memfd, and of a file on tmpfs, are made when it is attached, and those
# of a file on a disk wait without the ballast.
. tests/guarantee/storm.bash
without_filters=(--sandbox off)
rounds=$((400 * soak / part))
mib=64
[ "$part" -lt 100 ] || mib=16 # far more than the ballast, still

storm() { # WHAT OBJECT
    start map_beside_touches "$rounds object" --vcpus 2 --object "name=object,$2"
    fill_cgroup
    go_on
    says maps || fail "the maps stand still while the guest touches $1"
    echo "cgroup $kind: $1: $(grep ^maps "$WORK/console")"
    grep -q "^maps $rounds refused 0 wrong 0" "$WORK/console" || fail "not all went well"
    says end || fail "the guest does not touch all of $1"
    grep -q "^end touched $((mib * 256))" "$WORK/console" || fail "not all was touched"
    ! grep -q '#GP' "$WORK/log" || fail "the guest got an exception"
    go_on
    ended 0
    loosen_cgroup
}

make_cgroup
storm "a memfd" "size=${mib}M"
truncate -s "${mib}M" "$WORK/file"
storm "a file" "path=$WORK/file"
directory=$(mktemp -d /dev/shm/holdfast-test.XXXXXX) || fail "no directory on tmpfs"
trap 'rm -rf "$directory"; clean_up' EXIT
truncate -s "${mib}M" "$directory/file"
storm "a file on tmpfs" "path=$directory/file"
