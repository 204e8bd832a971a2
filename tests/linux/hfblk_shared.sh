#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: two guests with one object see what the other writes, and keep no copy below their page cache.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=shared chunk=64K window=1M')
programs=(blocks)
truncate -s 4M "$WORK/shared"
cat >"$WORK/steps" <<'END'
echo ready
while read -r seed; do
    [ "$seed" != end ] || exit 0
    [ "$seed" = read ] || blocks write /dev/hfblk0 "$seed" 20 300 || exit 1
    echo 3 >/proc/sys/vm/drop_caches
    echo "after $seed: $(md5sum </dev/hfblk0)"
done
END
for vm in first second; do
    boot --object "name=shared,path=$WORK/shared" <"$WORK/steps"
done
for vm in first second; do
    waits_for '^ready' || fail "the guest does not start"
done
for round in 1 2; do
    for pair in 'first second' 'second first'; do
        vm=${pair% *} other=${pair#* } seed=$((round * 2 + ${#other}))
        tell "$seed"
        waits_for "^after $seed:" || fail "the guest does not write"
        sum=$(sed -n "s/^after $seed: //p" "$WORK/$vm.console")
        [ "$sum" = "$(md5sum <"$WORK/shared")" ] || fail "the host does not see what was written"
        vm=$other
        count=$(grep -c '^after read: ' "$WORK/$vm.console")
        tell read
        waits_for '^after read: .{32}' $((count + 1)) || fail "the other guest does not read"
        [ "after read: $sum" = "$(grep '^after read: ' "$WORK/$vm.console" | tail -n 1)" ] ||
            fail "the other guest does not see what was written"
    done
done
for vm in first second; do tell end; done
for vm in first second; do ended 0; done
