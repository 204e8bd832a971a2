#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest whose modules hold windows is not hibernated, in whichever way, and the kernel's log says why;
# it goes on, and its disks have what they had. Without the modules it is not their affair.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=swap,plain window=1M')
memory=128M
for i in $(seq 0 63); do
    head -c 65536 /dev/zero | tr '\0' "$(printf '\\%o' $((33 + i)))"
done >"$WORK/plain"
for kernel in 6.12-cloud 6.1-cloud; do
    vm=$kernel
    boot --object name=swap,size=128M --object "name=plain,path=$WORK/plain" <<'END'
mkswap /dev/hfblk0 >/dev/null && swapon /dev/hfblk0 || exit 1
before=$(md5sum </dev/hfblk1)
for how in shutdown reboot platform test_resume; do
    echo $how >/sys/power/disk 2>/dev/null || continue
    dmesg -c >/dev/null
    ! echo disk >/sys/power/state || exit 2
    dmesg | grep -q 'holdfast: hibernation is refused: ' || exit 3
    echo "refused: $how"
done
# Nor by a program of its own, to save a machine or to resume one.
mknod /tmp/snapshot c 10 231
! (: </tmp/snapshot) || exit 4
! (: >/tmp/snapshot) || exit 5
dd if=/dev/urandom of=/dev/hfblk0 bs=64k seek=100 count=1 conv=notrunc 2>/dev/null
echo 3 >/proc/sys/vm/drop_caches
[ "$(md5sum </dev/hfblk1)" = "$before" ] || exit 6
swapoff /dev/hfblk0 || exit 7
rmmod hfblk && rmmod holdfast || exit 8
: </tmp/snapshot || exit 9
dmesg | grep -E 'BUG:|WARNING|Oops' && exit 10
exit 0
END
    ended 0
    says '^refused: shutdown$'
    says '^refused: reboot$'
done
