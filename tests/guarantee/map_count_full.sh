#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With every extent that INFO announces mapped between unmapped pages, the VMM has nearly as many
# VMAs as vm.max_map_count allows, and each MAP has gone through, also in a full memory cgroup. A VMM
# that takes the kernel's limit for larger than it is stands still there.
. tests/guarantee/storm.bash
without_filters=(--sandbox off)
most=$(cat /proc/sys/vm/max_map_count)
# Where nobody else has a use for it, a lower limit will do: it is reached sooner.
if grep -q holdfast-test-vm /proc/cmdline; then
    usual=$most most=$((part < 100 ? 8192 : 4096))
    echo $most >/proc/sys/vm/max_map_count
    trap 'echo "$usual" >/proc/sys/vm/max_map_count; clean_up' EXIT
fi

make_cgroup
start map_all_isolated 0
[ "$most" -le 70000 ] || { echo "vm.max_map_count is $most: this would take too long"; exit 77; }
fill_cgroup
go_on
says mapped || fail "the guest stands still; $(wc -l <"/proc/$pid/maps") of $most VMAs"
vmas=$(wc -l <"/proc/$pid/maps")
echo "$vmas of $most VMAs, $(grep ^ready "$WORK/console") extents; cgroup $(($(in_use) >> 10)) KiB"
[ "$vmas" -ge $((most - 2000)) ] && [ "$vmas" -le "$most" ] || fail "$vmas of $most VMAs"
go_on
says maps || fail "the guest stands still when it unmaps"
! grep -q '#GP' "$WORK/log" || fail "the guest got an exception"
ended 0
loosen_cgroup

echo $((most * 10)) >"$WORK/claimed"
before=(unshare --mount --propagation private sh -c
    'mount --bind "$1" /proc/sys/vm/max_map_count && shift && exec "$@"' sh "$WORK/claimed")
patience=5 room=()
[ "$part" -ge 100 ] || room=(--memory 128M) # for the guest's page tables of more than 30,000 extents
start map_all_isolated $((most / 2 + 2000)) "${room[@]}"
go_on
if says mapped; then fail "the kernel's limit does not show: this test shows nothing"; fi
echo "without the true limit: stands still at $(tail -n 1 "$WORK/console")," \
    "$(wc -l <"/proc/$pid/maps") VMAs"
end_vm
