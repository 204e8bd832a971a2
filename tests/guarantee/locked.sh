#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the VMM's threads work with is locked in memory: the window table, the lists, the vCPUs, their
# stacks. A page of it that was swapped out could not be had when memory has run out.
. tests/guarantee/storm.bash
needs setpriv

# Lists private memory that may be written to, is there, and is not locked; sets left to its KiB.
look() {
    awk '/^[0-9a-f]+-[0-9a-f]+ / { writable = $2 == "rw-p"; at = $1 }
         writable && /^Rss:/ { there = $2 }
         writable && /^Locked:/ && $2 < there { print at, there - $2; sum += there - $2 }
         END { print sum + 0 }' "/proc/$pid/smaps" >"$WORK/unlocked"
    left=$(tail -n 1 "$WORK/unlocked")
}

start map_all_isolated 1 --vcpus 32
"$BUILD/holdfastctl" --json guarantee storm | tr -d ' \n' >"$WORK/guarantee"
if ! grep -q '"name":"vmm_locked"[^}]*"met":true' "$WORK/guarantee"; then
    echo "this host does not let the VMM be locked"
    exit 77
fi
look
echo "$left KiB are not locked"
# Threads that never map have stacks, too, and there are the image that a reset loads again and the heap,
# in which filters of system calls are made after that.
[ "$left" -le 384 ] || fail "$left KiB are not locked: $(cat "$WORK/unlocked")"
end_vm

# With a limit that is nearly used up, what can do without is not locked, and the VM comes up; and what
# more ballast is reserved than may be locked is had all the same.
for limit in 4200 4800 6400 8000; do
    # shellcheck disable=SC2016 # for sh
    before=(setpriv --bounding-set -ipc_lock sh -c 'ulimit -l "$1" && shift && exec "$@"' sh $limit)
    start map_all_isolated 8000 --memory 4M
    echo "with ulimit -l $limit: $(grep ^ready "$WORK/console") extents are reserved"
    end_vm
done
