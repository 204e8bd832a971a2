# SPDX-License-Identifier: MIT
# For tests that call programs of the host; tests/in_vm.bash reads these lines, too.
# shellcheck shell=bash

needs() { # PROGRAM ...: the test is skipped where they are missing
    local program
    for program in "$@"; do
        PATH=$PATH:/usr/sbin:/sbin type -P "$program" >/dev/null ||
            { echo "$program is not installed"; exit 77; }
    done
}

# A plain chroot or a small container has neither of these.
needs_terminals() {
    : 2>/dev/null <>/dev/ptmx || { echo "no terminal can be made: /dev/pts is not mounted here"; exit 77; }
}
needs_sys() { # libvirt starts no VM without it, and does not say why
    [ -d /sys/devices ] || { echo "/sys is not mounted here"; exit 77; }
}
