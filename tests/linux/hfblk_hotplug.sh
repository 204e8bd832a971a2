#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: an object that the host attaches to a running VM becomes a device. One that it takes away by
# force under I/O ends that with errors, not with a standstill; when it comes back, so does the device,
# by its old name. One that the guest has given up can be taken away without force. A file that was
# made shorter gives errors where it no longer is, and only there.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=none,later chunk=64K window=1M')
programs=(blocks)
head -c 4M /dev/urandom >"$WORK/later"
cp "$WORK/later" "$WORK/cut"
boot <<'END'
there() {
    for i in $(seq 600); do
        [ "$(cat /sys/block/$1/holdfast/object 2>/dev/null)" = "$2" ] && return
        usleep 20000
    done
    return 1
}
gone() {
    for i in $(seq 600); do
        [ -e /dev/$1 ] || return 0
        usleep 20000
    done
    return 1
}
[ ! -e /dev/hfblk1 ] || exit 1
echo ready
there hfblk1 later || exit 2
echo "attached $(md5sum </dev/hfblk1)"

exec 3</dev/hfblk1
(
    while dd if=/dev/hfblk1 of=/dev/null bs=64k iflag=direct 2>/tmp/last; do
        [ -e /tmp/read ] || { echo reading; : >/tmp/read; }
    done
    echo "reader ended"
) &
while blocks write /dev/hfblk1 3 20 100 2>/dev/null; do :; done
wait
gone hfblk1 || exit 3
[ "$(dd bs=64k count=1 <&3 2>/dev/null | wc -c)" = 0 ] || exit 4
echo withdrawn
there hfblk1 later || exit 5
exec 3<&-
echo "again $(md5sum </dev/hfblk1)"

exec 3</dev/hfblk1
echo -later >/sys/module/hfblk/parameters/objects 2>/dev/null && exit 6
exec 3<&-
for i in $(seq 600); do
    echo -later >/sys/module/hfblk/parameters/objects 2>/dev/null && break
    usleep 20000
done
[ ! -e /dev/hfblk1 ] || exit 7
echo 'given up'
echo cut >/sys/module/hfblk/parameters/objects
there hfblk1 cut || exit 8
dd if=/dev/hfblk1 of=/dev/null bs=64k iflag=direct 2>/dev/null || exit 9
echo whole
read -r answer
dd if=/dev/hfblk1 of=/dev/null bs=64k iflag=direct skip=32 2>/dev/null && exit 10
dd if=/dev/hfblk1 of=/dev/null bs=64k iflag=direct count=16 2>/dev/null || exit 11
echo "faults $(($(cat /sys/block/hfblk1/holdfast/faults) > 0))"
dmesg | grep -E 'BUG|WARNING|Oops' && exit 12
exit 0
END
waits_for '^ready' || fail "the guest does not start"
"$ctl" attach "$vm" "name=later,path=$WORK/later" || exit 1
waits_for "^attached $(md5sum <"$WORK/later")" || fail "the object has not become a device"
waits_for '^reading' || fail "the guest does not read"
"$ctl" detach "$vm" later 2>/dev/null && fail "what is in use can be detached without force"
"$ctl" detach --force "$vm" later || exit 1
waits_for '^withdrawn' || fail "I/O did not end when the object was taken away"
says '^reader ended'
"$ctl" attach "$vm" "name=later,path=$WORK/later" || exit 1
waits_for "^again $(md5sum <"$WORK/later")" || fail "the device has not come back"
waits_for '^given up' || fail "the device cannot be given up"
"$ctl" detach "$vm" later || fail "what the guest has given up is still in use"
"$ctl" attach "$vm" "name=cut,path=$WORK/cut" || exit 1
waits_for '^whole' || fail "the name given later has not become a device"
truncate -s 1M "$WORK/cut"
tell cut
ended 0
says '^faults 1$'
