# SPDX-License-Identifier: MIT
# For the tests that boot Debian's kernels as Debian has them.
# shellcheck shell=bash
. tests/linux/linux.bash
modules=() kernel_image=vmlinuz memory=112M

# boots KERNEL: to a script that turns the VM off, with the clock set from the host's.
boots() {
    local clock
    debian_has "$1" || return 0
    kernel=$1 vm=$1
    boot <<'END'
echo "kernel $(uname -r)"
[ "$(cat /sys/class/rtc/rtc0/name)" = "rtc_cmos 00:00" ] || exit 1
echo "clock $(date +%s)"
END
    ended 0
    says "^kernel $(sed 's/[.+]/\\&/g' "$BUILD/linux/$kernel/release")$"
    logs 'the guest turned itself off$'
    clock=$(sed -n 's/^clock //p' "$WORK/$vm.console")
    [ $(($(date +%s) - clock)) -lt 3600 ] && [ "$clock" -le "$(date +%s)" ] ||
        fail "the guest's clock is at $clock, the host's at $(date +%s)"
}
