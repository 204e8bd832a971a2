# SPDX-License-Identifier: MIT
# /dev/holdfast: what programs may do and what they may not, alone and several threads at once; the module
# stays as long as a program holds a window, and goes afterwards. The kernel has nothing to complain of.
. tests/linux/linux.bash
head -c 4K /dev/zero >"$WORK/rom"

programs=(windows window_races)
try() { # KERNEL VCPUS SECONDS [PARAMETER]
    debian_has "$1" || return 0
    kernel=$1 vm=$1 modules=("holdfast ${4:-}")
    boot --vcpus "$2" --object "name=disk,path=$WORK/disk,size=256K,create" \
        --object "name=rom,path=$WORK/rom,access=ro" <<END
fails() { echo "\$*"; exit 1; }
windows || fails "windows"
window_races $3 || fails "window_races"
exec 3</dev/holdfast
! rmmod holdfast 2>/dev/null || fails "the module went while its device was open"
exec 3<&-
rmmod holdfast || fails "the module does not go"
! grep -i holdfast /proc/iomem /proc/interrupts /proc/misc || fails "something is left"
insmod /modules/holdfast.ko || fails "the module does not come again"
dmesg | grep -E 'WARNING:|BUG:|Oops|general protection' && fails "the kernel complains"
exit 0
END
    ended 0
    says '^a_dead_program passed'
    says '^touched [1-9]'
    # What the program has written is in the host's file.
    grep -q 'written by a program' "$WORK/disk" || fail "the object does not have what was written"
    rm "$WORK/disk"
}
try 6.12-cloud 2 2
# Called by OUT, though the processor has VMMCALL.
try 6.1-cloud 1 1 pio=1
