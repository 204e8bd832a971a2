# SPDX-License-Identifier: MIT
# A driver that holds a window keeps the module; it is told of objects that come and go; when one is taken
# away by force its copies stop instead of the kernel; a restart of the guest releases everything; and
# what a driver leaves mapped is told.
# On a machine without Holdfast, as this one is, the module does not load.
. tests/linux/linux.bash

if [ "$(uname -r)" = "$(cat "$BUILD/linux/$kernel/release" 2>/dev/null)" ]; then
    ! insmod "$BUILD/linux/$kernel/modules/holdfast.ko" 2>"$WORK/insmod" ||
        fail "the module loads without Holdfast"
    grep -q 'No such device' "$WORK/insmod" || fail "$(cat "$WORK/insmod")"
fi

modules=(holdfast 'holdfast_selftest hold=disk')
boot --object "name=disk,path=$WORK/disk,size=16M,create" <<'END'
fails() { echo "$*"; exit 1; }
mount -t debugfs none /sys/kernel/debug
touch=/sys/module/holdfast_selftest/parameters/touch
! rmmod holdfast 2>/dev/null || fails "the module went from under its driver"
[ "$(wc -l </sys/kernel/debug/holdfast/windows)" -eq 2 ] || fails "not one window"
grep windows_ /sys/kernel/debug/holdfast/info
echo 1 >$touch
dmesg | grep 'selftest: not copied' | tail -n 1
echo ready
while read -r word; do
    case $word in
    seen) until dmesg | grep 'late is there'; do sleep 0.1; done; echo attached ;;
    gone)
        echo 1 >$touch
        dmesg | grep 'selftest: not copied' | tail -n 1
        echo touched
        ;;
    again) reboot -f ;;
    end) break ;;
    esac
done
rmmod holdfast_selftest
rmmod holdfast || fails "the module does not go"
dmesg | grep -E 'WARNING:|BUG:|Oops|general protection' && fails "the kernel complains"
# A driver that leaves something mapped is told, and what it left keeps the module.
insmod /modules/holdfast.ko
insmod /modules/holdfast_selftest.ko hold=disk leak=1
rmmod holdfast_selftest
dmesg | grep -q 'WARNING:' || fails "no warning of what was left mapped"
dmesg | grep -q 'is not released, error -16' || fails "the warning does not tell of the window"
! rmmod holdfast 2>/dev/null || fails "the module went from under a window"
exit 0
END
waits_for '^ready' || fail "the guest is not ready"
says 'not copied: 0$'
"$ctl" attach "$vm" "name=late,path=$WORK/late,size=4K,create" >/dev/null || fail "attach"
tell seen
waits_for '^attached' || fail "the driver was not told of the object"
"$ctl" detach -f "$vm" disk >/dev/null || fail "detach"
tell gone
waits_for '^touched' || fail "the guest has not touched the window"
says 'not copied: 8192$'
"$ctl" attach "$vm" "name=disk,path=$WORK/disk" >/dev/null || fail "attach"
tell again
# One window of those that there are, before and after.
waits_for '^ready' 2 || fail "the guest has not come again"
[ "$(grep '^windows_free' "$WORK/$vm.console" | sort -u | wc -l)" -eq 1 ] ||
    fail "the restart has not released the windows"
tell end
ended 0
