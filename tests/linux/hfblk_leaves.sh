#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: a name that is given up while the module is being removed is given up, and nothing that the
# removal has freed is used. The devices are several so that the writer comes in time, and freed
# memory is poisoned so that its use shows.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=o0,o1,o2,o3,o4,o5,o6,o7 chunk=4K window=64K')
append='slub_debug=P'
objects=()
for i in 0 1 2 3 4 5 6 7; do objects+=(--object "name=o$i,size=64K"); done
boot --vcpus 2 "${objects[@]}" <<'END'
[ -e /sys/block/hfblk7 ] || exit 1
exec 3>/sys/module/hfblk/parameters/objects
(
    while [ -e /sys/block/hfblk0 ]; do :; done
    echo -o0 >&3 && echo 'written in time'
) &
rmmod hfblk || exit 2
wait
exec 3>&-
[ ! -e /sys/module/hfblk ] && [ ! -e /dev/hfblk0 ] || exit 3
rmmod holdfast || exit 4
dmesg | grep -E 'BUG|WARNING|Oops|general protection' && exit 5
exit 0
END
ended 0
says '^written in time$'
