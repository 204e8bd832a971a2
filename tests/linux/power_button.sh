#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A power button that is pressed at the monitor, as virsh shutdown does it, reaches Linux: its driver
# hears it, once, and the guest turns itself off in its own time.
. tests/linux/linux.bash
qmp=$BUILD/tests/libvirt/qmp
[ -x "$qmp" ] || { echo "no $qmp"; exit 77; }
kernel=6.12-cloud modules=()
for name in evdev button; do
    packed=$(find "$BUILD/linux/$kernel" -name "$name.ko.xz")
    [ -n "$packed" ] || { echo "no module $name of the kernel $kernel"; exit 77; }
    busybox unxz -c "$packed" >"$WORK/$name.ko" || exit 1
    files+=("$WORK/$name.ko")
done

# As libvirt starts it, but for the console.
cat >"$WORK/vmm" <<END
#!/bin/sh
exec "$PWD/$vmm" -machine isapc -qmp unix:$WORK/monitor,server=on,wait=off "\$@" --console=stdio
END
chmod 755 "$WORK/vmm"
vmm=$WORK/vmm

boot <<'END'
insmod /evdev.ko && insmod /button.ko || exit 1
interrupts() { sed -n 's/^ *9: *\([0-9]*\).*/\1/p' /proc/interrupts; }
echo "listens"
head -c 24 /dev/input/event0 >/tmp/event || exit 2
echo "heard, with $(interrupts) interrupts"
END
waits_for '^listens' || fail "the guest does not come up"
"$qmp" "$WORK/monitor" system_powerdown >"$WORK/answers" || fail "$(cat "$WORK/answers")"
grep -q POWERDOWN "$WORK/answers" || fail "no event: $(cat "$WORK/answers")"
ended 0
says '^heard, with 1 interrupts'
logs 'the guest turned itself off$'
