#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: what a guest writes, at any sector and across the borders of chunks, is in the host's file, and
# what it reads is what is there, with a window much smaller than the file. Discarded pages are given
# back to the host. A flush reaches the host. What the host attached read-only cannot be written.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=disk,fixed chunk=64K window=512K')
programs=(blocks)
blocks=$BUILD/linux/programs/blocks

for kernel in 6.12-cloud 6.1-cloud; do
    debian_has "$kernel" || continue
    vm=$kernel
    head -c 4M /dev/urandom >"$WORK/disk"
    cp "$WORK/disk" "$WORK/expected"
    head -c 100000 /dev/urandom >"$WORK/fixed"
    cp "$WORK/fixed" "$WORK/fixed.before"
    first=$(md5sum <"$WORK/disk")
    allocated=$(stat -c %b "$WORK/disk")

    # Without the guarantee a file on tmpfs is not made ahead, and gives discarded pages back.
    boot --guarantee off --object "name=disk,path=$WORK/disk" --object "name=fixed,path=$WORK/fixed,access=ro" <<'END'
    cd /sys/block/hfblk0/holdfast
    echo "size $(blockdev --getsize64 /dev/hfblk0) $(blockdev --getsize64 /dev/hfblk1)"
    echo "first $(md5sum </dev/hfblk0)"
    blocks write /dev/hfblk0 11 40 900 || exit 1
    echo "rights $(cat /sys/block/hfblk0/ro) $(cat /sys/block/hfblk1/ro)"
    echo "fixed $(md5sum </dev/hfblk1)"
    dd if=/dev/zero of=/dev/hfblk1 bs=512 count=1 2>/dev/null && exit 2
    blockdev --setrw /dev/hfblk1 2>/dev/null && exit 3
    flushes=$(cat flushes)
    for i in 1 2 3; do dd if=/dev/zero of=/dev/hfblk0 bs=512 count=1 conv=fsync 2>/dev/null || exit 9; done
    echo "flushed $(($(cat flushes) - flushes))"
    blocks zero /dev/hfblk0 12 20 900 || exit 4
    blocks discard /dev/hfblk0 13 20 900 || exit 5
    echo discarded
    read -r answer
    blocks write /dev/hfblk0 14 10 900 || exit 6
    echo 3 >/proc/sys/vm/drop_caches
    echo "last $(md5sum </dev/hfblk0)"
    echo "errors $(cat refused) $(cat faults), slots $(cat slots), remaps $(($(cat remaps) > 100))"
    rmmod hfblk || exit 7
    [ ! -e /dev/hfblk0 ] || exit 8
END
    # Before they are read: to show a hole, some file systems fill it.
    waits_for '^discarded' || fail "the guest does not come that far"
    [ "$(stat -c %b "$WORK/disk")" -lt $((allocated - 1000)) ] ||
        fail "discards gave back nothing: $(stat -c %b "$WORK/disk") sectors, before $allocated"
    says "^flushed 3$"
    # The driver has asked once more, whether it can.
    flushes=$("$ctl" stats "$vm" | awk '$1 == "flush" { print $2 }')
    [ "$flushes" -eq 4 ] || fail "the host was asked to flush $flushes times, not 4"
    tell 'go on'
    ended 0
    says "^size 4194304 99840$"
    says "^rights 0 1$"
    says "^first $first$"
    says "^fixed $(head -c 99840 "$WORK/fixed.before" | md5sum)$"
    cmp "$WORK/fixed" "$WORK/fixed.before" || fail "what is read-only was written"

    "$blocks" write "$WORK/expected" 11 40 900 &&
        dd if=/dev/zero of="$WORK/expected" bs=512 count=1 conv=notrunc status=none &&
        "$blocks" zero "$WORK/expected" 12 20 900 && "$blocks" discard "$WORK/expected" 13 20 900 &&
        "$blocks" write "$WORK/expected" 14 10 900 || exit 1
    cmp "$WORK/disk" "$WORK/expected" || fail "the file does not have what the guest wrote"
    says "^last $(md5sum <"$WORK/expected")$"
    says "^errors 0 0, slots 8, remaps 1$"
done
