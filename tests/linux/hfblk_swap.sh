#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: a guest that has no memory left swaps to an object through a window that holds a small part of
# it, and every page comes back as it went; no mapping is refused. On Linux 6.1; swap_exhausted runs 6.12.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=swap chunk=64K window=2M')
programs=(hog)
memory=80M
kernel=6.1-cloud
debian_has "$kernel" || exit 77
boot --object name=swap,size=64M <<'END'
mkswap /dev/hfblk0 >/dev/null && swapon -d /dev/hfblk0 || exit 1
hog 44 || exit 2
out=$(sed -n 's/^pswpout //p' /proc/vmstat)
cd /sys/block/hfblk0/holdfast
echo "written $((out > 3000)), refused $(cat refused), faults $(cat faults), remaps $(($(cat remaps) > 100))"
swapoff /dev/hfblk0 || exit 3
echo 'no complaint' $(dmesg | grep -cE 'BUG|WARNING|allocation failure|hung task')
END
ended 0
says '^written 1, refused 0, faults 0, remaps 1$'
says '^no complaint 0$'
