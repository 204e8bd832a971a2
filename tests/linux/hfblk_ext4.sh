#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: a file system on it is sound after its VM was killed, and what the guest had synchronized is
# there. A device in use keeps the module from being removed.
. tests/linux/linux.bash
needs mkfs.ext4 e2fsck debugfs
modules=(holdfast 'hfblk objects=disk chunk=64K window=1M')
truncate -s 32M "$WORK/disk"
mkfs.ext4 -q "$WORK/disk" || exit 1
boot --object "name=disk,path=$WORK/disk" <<'END'
mkdir /mnt
mount -t ext4 -o discard /dev/hfblk0 /mnt || exit 1
rmmod hfblk 2>/dev/null && exit 2
head -c 3000000 /dev/urandom >/mnt/kept
sync
echo "kept $(md5sum </mnt/kept)"
while :; do
    i=$((i + 1))
    mkdir -p /mnt/d$((i % 7))
    head -c 100000 /dev/urandom >/mnt/d$((i % 7))/$((i % 40))
    rm -f /mnt/d$((i % 7))/$((i * 3 % 40))
    [ $((i % 10)) -ne 0 ] || sync
    [ $i -ne 60 ] || echo busy
done
END
waits_for '^busy' || fail "the guest does not come that far"
end_vm
e2fsck -fp "$WORK/disk" >"$WORK/repair" 2>&1 # the journal
[ $? -le 1 ] || { cat "$WORK/repair"; fail "the file system cannot be put right without loss"; }
e2fsck -fn "$WORK/disk" >"$WORK/check" 2>&1 || { cat "$WORK/check"; fail "the file system is not sound"; }
debugfs -R "dump /kept $WORK/kept" "$WORK/disk" 2>/dev/null
says "^kept $(md5sum <"$WORK/kept")$"
