#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Linux brings up as many CPUs as the VM has: 64. In the test VM, which has one, that takes a minute
# and more, without a word.
. tests/linux/linux.bash
memory=256M patience=300
boot --vcpus 64 <<'END'
    echo "cpus $(grep -c ^processor /proc/cpuinfo) online $(cat /sys/devices/system/cpu/online)"
END
ended 0
says '^cpus 64 online 0-63$'
