#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Linux sees all processors, as cores of one package, and all memory, also what lies above 4 GiB; the
# arena is no part of it. An interrupt of the ISA bus reaches it.
. tests/linux/linux.bash
modules=() memory=3584M
boot --vcpus 2 --guarantee off --arena 512G <<'END'
[ "$(nproc)" -eq 2 ] || exit 1
for cpu in 0 1; do
    [ "$(cat /sys/devices/system/cpu/cpu$cpu/topology/core_cpus_list)" = $cpu ] || exit 2
    [ "$(cat /sys/devices/system/cpu/cpu$cpu/topology/package_cpus_list)" = 0-1 ] || exit 3
done
[ "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)" -gt 3400000 ] || exit 4
grep -q '^100000000-11fffffff : System RAM' /proc/iomem || exit 5
grep 'System RAM' /proc/iomem
grep -qE '^ *4: .* IO-APIC +4-edge +ttyS0' /proc/interrupts || exit 6
! dmesg | grep -i 'firmware bug' || exit 7
# Linux takes memory from above first.
head -c 16777216 /dev/zero >/tmp/large && [ "$(wc -c </tmp/large)" -eq 16777216 ] || exit 8
END
ended 0
