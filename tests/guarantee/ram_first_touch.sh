#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While a guest touches its RAM for the first time, every MAP goes through in a full memory cgroup: what
# KVM needs for RAM is there before the guest runs, and takes nothing of the ballast. Without it, the
# maps stand still.
. tests/guarantee/storm.bash
without_filters=(--sandbox off)
rounds=$((400 * soak / part))
mib=400
[ "$part" -lt 100 ] || mib=200 # its tables are still more than the ballast

make_cgroup
start map_beside_touches "$rounds ram" --vcpus 2 --memory "${mib}M"
fill_cgroup
go_on
says end || fail "the guest stands still while it touches RAM"
echo "cgroup $kind: $(grep ^maps "$WORK/console"); $(grep ^end "$WORK/console") pieces of 2 MiB"
grep -q "^maps $rounds refused 0 wrong 0" "$WORK/console" || fail "not all went well"
go_on
ended 0
loosen_cgroup
