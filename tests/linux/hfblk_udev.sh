#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With the rule that is shipped, udev of a guest makes the links of an hfblk disk and its partitions by
# name of the object, by UUID and label of what is on them, and of what is written later; they go with
# the disk. With UDEV_TREE, by the udev of another release, with its own rules and those of the package
# (tests/packages).
. tests/linux/linux.bash
needs udevadm mkfs.ext4
modules=(holdfast 'hfblk objects=data,table') programs=(udevadm mkfs.ext4)
memory=128M
files=(deploy/linux/60-holdfast.rules)
[ -z "${UDEV_TREE:-}" ] || programs=() files=() trees=("$UDEV_TREE") memory=160M
# A table of GPT type with one partition takes more than busybox: one of DOS type.
truncate -s 4M "$WORK/table"
printf '\x78\x56\x34\x12\0\0\0\0\0\0\x83\0\0\0\0\x08\0\0\0\x10\0\0' |
    dd of="$WORK/table" bs=1 seek=440 conv=notrunc status=none
printf '\x55\xaa' | dd of="$WORK/table" bs=1 seek=510 conv=notrunc status=none
boot --object name=data,size=16M --object "name=table,path=$WORK/table" <<'END'
[ "$(cat /sys/block/hfblk0/serial)" = data ] || exit 1
mkdir -p /run /lib/udev/rules.d /etc && mount -t tmpfs none /run
[ ! -e /60-holdfast.rules ] || cp /60-holdfast.rules /lib/udev/rules.d/
ln -s udevadm /bin/systemd-udevd
systemd-udevd --daemon || exit 2
udevadm trigger && udevadm settle
wait_for() { # LINK DEVICE
    for i in $(seq 600); do
        [ "$(readlink -f /dev/disk/$1)" = /dev/$2 ] && { echo "$1 is $2"; return; }
        usleep 20000
    done
    find /dev/disk
    echo "no $1"
    exit 3
}
wait_for by-id/holdfast-data hfblk0
wait_for by-id/holdfast-table hfblk1
wait_for by-id/holdfast-table-part1 hfblk1p1
wait_for by-partuuid/12345678-01 hfblk1p1
mkfs.ext4 -q -L notes -U 11111111-2222-4333-8444-555555555555 /dev/hfblk0 || exit 4
wait_for by-uuid/11111111-2222-4333-8444-555555555555 hfblk0
wait_for by-label/notes hfblk0
echo -data >/sys/module/hfblk/parameters/objects || exit 5
for i in $(seq 600); do
    [ -e /dev/disk/by-label/notes ] || break
    usleep 20000
done
[ ! -L /dev/disk/by-label/notes ] && [ ! -L /dev/disk/by-id/holdfast-data ] || exit 6
exit 0
END
ended 0
