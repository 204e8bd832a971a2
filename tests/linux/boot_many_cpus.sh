#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Linux brings up as many CPUs as the VM has: 64.
. tests/linux/linux.bash
memory=192M
boot --vcpus 8 <<'END'
    echo "cpus $(grep -c ^processor /proc/cpuinfo) online $(cat /sys/devices/system/cpu/online)"
END
ended 0
says '^cpus 8 online 0-7$'
