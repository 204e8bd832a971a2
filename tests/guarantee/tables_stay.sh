#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Second-level tables that were made ahead stay, whatever the host does with huge pages: their number
# and that of large entries are the same through thousands of MAPs and UNMAPs of runs that lie in huge
# pages, of RAM, a file on tmpfs and a memfd, and of single pages. Where the arena or RAM lie so that
# KVM may use large entries, tables go and have to be made anew.
. tests/guarantee/storm.bash
grep -q holdfast-test-vm /proc/cmdline ||
    { echo "this changes the host's settings of huge pages: only in a test VM"; exit 77; }
huge=/sys/kernel/mm/transparent_hugepage
[ -w $huge/shmem_enabled ] || { echo "this kernel has no huge pages for shared memory"; exit 77; }
[ -d /sys/kernel/debug/kvm ] || mount -t debugfs none /sys/kernel/debug 2>/dev/null
# In each of three steps. The long way is 100,000 MAPs and UNMAPs for each setting; runs of 512 pages
# take most of the time, so that there are fewer of them.
rounds=60 share=2
[ "$soak" -eq 1 ] || rounds=17000 share=20

state() { # second-level tables, in KiB, and this VM's entries of 2 MiB and of 1 GiB
    echo 1 >/proc/sys/vm/stat_refresh
    {
        sed -n 's/^SecPageTables: *//p' /proc/meminfo
        cat /sys/kernel/debug/kvm/"$pid"-*/pages_{2m,1g}
    } | paste -sd ' '
}

# The host's setting, for objects on tmpfs, too.
allow() { # SETTING
    echo "$1" >$huge/shmem_enabled
    mount -o "remount,huge=$1" "$tmpfs"
}

between=true # what the host does while the guest waits

# Maps for so many steps and sets states to how many different ones there were, at RESERVE and at
# the end of each step.
map_runs() { # STEPS ROUNDS
    local step
    truncate -s 4M "$tmpfs/file"
    start map_runs "$1 $2 $share" --object "name=tmpfs,path=$tmpfs/file" --object name=memfd,size=4M
    if "$BUILD/holdfastctl" stats storm | grep -q 'Tables made ahead *no'; then
        end_vm
        echo "this host's KVM makes no second-level tables ahead"
        exit 77
    fi
    state >"$WORK/states"
    for step in $(seq "$1"); do
        $between
        go_on
        says "step $step" || fail "the guest stands still"
        state >>"$WORK/states"
    done
    $between
    go_on
    says maps || fail "the guest stands still"
    state >>"$WORK/states"
    grep -q ' refused 0 wrong 0' "$WORK/console" || fail "not all went well"
    states=$(sort -u "$WORK/states" | wc -l)
    echo "$(grep ^maps "$WORK/console"); $(head -n 1 "$WORK/states"); different states: $states"
    go_on
    ended 0
    rm "$tmpfs/file"
}

stays() { # STEPS ROUNDS
    map_runs "$@"
    [ "$states" -eq 1 ] || { cat "$WORK/states"; fail "tables or large entries come and go"; }
}
comes_and_goes() {
    local share=2
    map_runs 3 10
    [ "$states" -gt 1 ] || fail "nothing comes or goes here: this test shows nothing"
}

tmpfs=$WORK/tmpfs
mkdir "$tmpfs"
mount -t tmpfs none "$tmpfs" || fail "no tmpfs"
setting=$(sed 's/.*\[\(.*\)\].*/\1/' $huge/shmem_enabled)
scan_sleep=$(cat $huge/khugepaged/scan_sleep_millisecs)
trap 'clean_up; umount "$tmpfs"; echo "$setting" >$huge/shmem_enabled
    echo "$scan_sleep" >$huge/khugepaged/scan_sleep_millisecs' EXIT

# Where nobody has asked for huge pages, a file on another tmpfs may lie in some.
for each in always within_size advise; do
    echo "$each:"
    allow $each
    [ $each != advise ] || mount -o remount,huge=always "$tmpfs"
    vmm=$BUILD/holdfast-vmm
    stays 3 $rounds
    grep -q ' 0 0$' "$WORK/states" || fail "there are large entries"
    [ $each != within_size ] || continue # as always
    vmm=$parts/vmm-large_entries
    comes_and_goes
done

echo "RAM in huge pages:"
allow always
vmm=$parts/vmm-ram_large_entries
stays 3 $rounds
! grep -q ' 0 0$' "$WORK/states" || fail "RAM has no large entries: this test shows nothing"

echo "the same, which the host splits:"
split_ram() {
    sed -n '/holdfast-ram/{s/^\([0-9a-f]*\)-\([0-9a-f]*\) .*/\1 \2/p; q}' "/proc/$pid/maps" |
        while read -r first end; do
            echo "$pid,0x$first,0x$end" >/sys/kernel/debug/split_huge_pages
        done
}
between=split_ram
comes_and_goes

# All pages were made when huge ones were not allowed.
echo "small pages, which khugepaged joins:"
joined_kib() {
    sed -n 's/^ShmemHugePages: *\([0-9]*\) kB/\1/p' /proc/meminfo
}
# It has the lowest priority, and there is one processor, which a guest that waits keeps busy.
wait_for_khugepaged() {
    allow always
    kill -STOP "$pid"
    for _ in $(seq 50); do
        [ "$joined" -eq 0 ] || break
        sleep 0.2
        joined=$(joined_kib)
    done
    kill -CONT "$pid"
}
between=wait_for_khugepaged
echo 100 >$huge/khugepaged/scan_sleep_millisecs
allow never
joined=0
vmm=$BUILD/holdfast-vmm
stays 5 20
[ "$joined" -gt 0 ] || fail "khugepaged was not at work: this test shows nothing"
allow never
joined=0
vmm=$parts/vmm-large_entries
comes_and_goes
