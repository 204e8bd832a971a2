#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Linux brings up as many CPUs as the VM has: more than the eight that a logical APIC destination can
# name. More than these few would take the test VM, which has one, minutes.
. tests/linux/linux.bash
memory=256M
boot --vcpus 12 <<'END'
    echo "cpus $(grep -c ^processor /proc/cpuinfo) online $(cat /sys/devices/system/cpu/online)"
END
ended 0
says '^cpus 12 online 0-11$'
