#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest that is suspended to idle says what wakes it, and that does: the power button, which does not
# turn it off then, an alarm of the clock, and a key at the console. Its windows are as they were, and an object that came
# meanwhile is there.
. tests/linux/linux.bash
qmp=$BUILD/tests/libvirt/qmp
[ -x "$qmp" ] || { echo "no $qmp"; exit 77; }
kernel=6.12-cloud modules=(holdfast 'hfblk objects=disk,late')
for name in evdev button; do
    packed=$(find "$BUILD/linux/$kernel" -name "$name.ko.xz")
    [ -n "$packed" ] || { echo "no module $name of the kernel $kernel"; exit 77; }
    busybox unxz -c "$packed" >"$WORK/$name.ko" || exit 1
    files+=("$WORK/$name.ko")
done
cat >"$WORK/vmm" <<END
#!/bin/sh
exec "$PWD/$vmm" -machine isapc -qmp unix:$WORK/monitor,server=on,wait=off "\$@" --console=stdio
END
chmod 755 "$WORK/vmm"
vmm=$WORK/vmm

boot --object name=disk,size=1M <<'END'
insmod /evdev.ko && insmod /button.ko || exit 1
echo 'what was written' | dd of=/dev/hfblk0 conv=notrunc,fsync 2>/dev/null
dmesg -c >/dev/null
echo 'sleeps for the button'
echo freeze >/sys/power/state || exit 2
dmesg | grep -q 'holdfast: suspending; the power button wakes' || exit 3
echo 'awake by the button'
read -r answer
echo 'sleeps for the alarm'
echo +10 >/sys/class/rtc/rtc0/wakealarm || exit 8
echo freeze >/sys/power/state || exit 9
echo 'awake by the alarm'
echo enabled >/sys/class/tty/ttyS0/power/wakeup || exit 4
echo 'sleeps for a key'
echo freeze >/sys/power/state || exit 5
echo 'awake by a key'
for i in $(seq 600); do
    [ ! -e /dev/hfblk1 ] || break
    usleep 20000
done
[ -e /dev/hfblk1 ] || exit 6
echo 3 >/proc/sys/vm/drop_caches
head -n 1 /dev/hfblk0
dmesg | grep -E 'BUG:|WARNING|Oops' && exit 7
exit 0
END
waits_for '^sleeps for the button' || fail "the guest does not come up"
sleep 3
! grep -q '^awake' "$WORK/$vm.console" || fail "the guest does not sleep"
"$qmp" "$WORK/monitor" system_powerdown >"$WORK/answers" || fail "$(cat "$WORK/answers")"
waits_for '^awake by the button' || fail "the power button does not wake it"
tell on
waits_for '^awake by the alarm' || fail "the alarm does not wake it"
waits_for '^sleeps for a key' || fail "the guest does not go on"
sleep 3
! grep -q '^awake by a key' "$WORK/$vm.console" || fail "the guest does not sleep again"
"$ctl" attach "$vm" name=late,size=4K >/dev/null || fail attach
tell wake
ended 0
says '^awake by a key'
says '^what was written$'
