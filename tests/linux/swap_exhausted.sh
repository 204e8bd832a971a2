#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest that swaps on a file of the host through a small window gets all its pages back, also while
# the VMM's memory cgroup is full. What `make demo-linux` shows, on a small scale.
. tests/linux/linux.bash
kernel=6.12-cloud memory=80M
modules=(holdfast 'hfblk objects=swap window=2M chunk=64K') programs=(hog)

make_cgroup
# All of it in memory, and not of the cgroup: to write to it takes nothing.
dd if=/dev/zero of="$WORK/swap" bs=1M count=80 status=none
swap_when_told() { # [option of holdfast-vmm ...]: returns when the cgroup is full and the hog has begun
    boot --object "name=swap,path=$WORK/swap,access=rw" "$@" <<'END'
mkswap /dev/hfblk0 >/dev/null && swapon /dev/hfblk0 || exit 1
echo ready
read -r word
hog 64 || exit 2
sed -n 's/^pswp/swapped &/p' /proc/vmstat
echo "refused $(cat /sys/block/hfblk0/holdfast/refused)"
END
    waits_for '^ready' || fail "the guest does not come up"
    fill_cgroup
    before_hog=$(shortages)
    tell go
}

swap_when_told
ended 0
says '16384 pages written and compared, 0 differ'
says '^refused 0$'
out=$(sed -n 's/^swapped pswpout //p' "$WORK/guest.console")
[ "$out" -gt 8000 ] || fail "only $out pages were swapped out: this test shows little"
[ "$(shortages)" -gt "$before_hog" ] || fail "the cgroup has not been full: this test shows nothing"
loosen_cgroup

# The same with nothing set aside: had it gone through, the cgroup would not have been full.
swap_when_told --guarantee off
patience=10
! waits_for ' 0 differ$' || fail "with nothing set aside it goes through as well"
end_vm
