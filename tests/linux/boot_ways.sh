#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The other ways into a kernel: a bzImage that unpacks itself, and the PVH entry, also of the kernel
# inside a bzImage. Linux tells by which one it came.
. tests/linux/linux.bash
modules=()
way() { # WAY IMAGE LOADER: as the number that Linux has for who loaded it
    vm=$1-$2 kernel_image=$2
    boot --boot "$1" <<END
[ "\$(cat /proc/sys/kernel/bootloader_type)" -eq $3 ] || exit 1
[ -d /sys/firmware/acpi/tables ] || exit 2
END
    ended 0
}
way decompressor vmlinuz 255
way pvh vmlinuz 176
