# SPDX-License-Identifier: MIT
# The module's interface for drivers, tried by a driver: page lists of every kind, in every context, on all
# CPUs at once, each refusal, accesses that nothing stands behind; what its files and tracepoints show.
. tests/linux/linux.bash
head -c 4K /dev/zero >"$WORK/rom"

modules=(holdfast)
try() { # KERNEL VCPUS
    debian_has "$1" || return 0
    kernel=$1 vm=$1
    files=("$BUILD/linux/$kernel/modules/holdfast_selftest.ko")
    boot --vcpus "$2" --object "name=disk,path=$WORK/disk,size=16M,create" \
        --object "name=rom,path=$WORK/rom,access=ro" <<'END'
fails() { echo "$*"; exit 1; }
mount -t debugfs none /sys/kernel/debug
mount -t tracefs none /sys/kernel/tracing
echo 1 >/sys/kernel/tracing/events/holdfast/enable
insmod holdfast_selftest.ko || { dmesg | grep selftest; fails "the driver's tests"; }
dmesg | grep 'selftest: '
echo 0 >/sys/kernel/tracing/events/holdfast/enable
for event in reserve release map unmap refused; do
    grep -q "holdfast_$event: " /sys/kernel/tracing/trace || fails "no $event was traced"
done
rmmod holdfast_selftest
cat /sys/kernel/debug/holdfast/*
dmesg | grep -E 'WARNING:|BUG:|Oops|general protection' && fails "the kernel complains"
exit 0
END
    ended 0
    says 'selftest: faults passed'
    says '^map [1-9][0-9]* [1-9]'
    [ "$(grep -c 'selftest: .* passed' "$WORK/$vm.console")" -eq 9 ] || fail "not all tests ran"
    ! grep -q 74736554 "$WORK/$vm.console" || fail "a window is left"
    grep -q 'written by the selftest' "$WORK/disk" || fail "the object does not have what was written"
    rm "$WORK/disk"
}
try 6.12-cloud 2
try 6.1-cloud 1
