#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever makes a kernel take pages or tables back while a VM runs: the second-level tables that the
# start and RESERVE have made stay, and what is mapped shows what it did. Where an administrator has KVM
# drop all tables, MAP still goes through in a full memory cgroup. vmm/memory/TABLES.md has the ways. In
# the test VM only: its kernel's settings are changed.
. tests/guarantee/storm.bash
. tests/guarantee/keep.bash
grep -q holdfast-test-vm /proc/cmdline || { echo "only the test VM's settings may be changed"; exit 77; }
nx=/sys/module/kvm/parameters/nx_huge_pages
ksm=/sys/kernel/mm/ksm
vm_now=/proc/sys/vm

put_back() {
    echo off >$nx
    echo 0 >/proc/sys/kernel/numa_balancing
    echo 2 >$ksm/run
    clean_up
}
trap put_back EXIT

events() { # NAME: the kernel's counter
    local key value
    while read -r key value; do
        [ "$key" != "$1" ] || echo "$value"
    done </proc/vmstat
}

mapped_page() { # HOST_ADDRESS: the physical address of what is there
    local number
    number=$(dd if="/proc/$pid/pagemap" bs=8 count=1 skip=$((0x$1 / 4096)) 2>/dev/null | od -A n -t u8)
    printf '0x%x\n' $(((number & ((1 << 55) - 1)) * 4096))
}

drop_caches() { # all shrinkers, that of KVM too
    echo 3 >$vm_now/drop_caches
}
compact() {
    echo 1 >$vm_now/compact_memory
}
reclaim() { # as much as there is; fails, for RAM is locked
    echo 16M 2>/dev/null >"$cgroup/memory.reclaim"
}
merge() {
    echo 0 >$ksm/sleep_millisecs
    echo 20000 >$ksm/pages_to_scan
    echo 1 >$ksm/run
    sleep 1
}
# Four pages of the window are moved elsewhere, and their old places not used again. The arena lies below
# all other mappings of RAM.
migrate() {
    local earlier address
    earlier=$(events pgmigrate_success)
    while IFS=- read -r address _; do
        mapped_page "$address" >/sys/devices/system/memory/soft_offline_page
    done < <(grep -m 4 holdfast-ram "/proc/$pid/maps")
    [ "$(events pgmigrate_success)" -ge $((earlier + 4)) ] || fail "no page was migrated"
}
# The kernel takes entries out, so that the next accesses tell who makes them.
balance() {
    local earlier
    earlier=$(events numa_pte_updates)
    echo 1 >/proc/sys/kernel/numa_balancing
    for _ in $(seq 100); do
        [ "$(events numa_pte_updates)" -eq "$earlier" ] || return
        ask l looks
    done
    fail "numa_balancing has taken no entry out"
}
guest_state() { # paging, memory types and cache bits of the vCPU
    ask s changed
}

make_cgroup
start keep_tables 1 --memory 64M
needs_tables
ask m maps
made=$(tables_now)
for way in drop_caches compact reclaim merge migrate balance guest_state; do
    $way
    tables=$(tables_now)
    [ "$tables" -eq "$made" ] || fail "$way: $made KiB of tables have become $tables"
    ask l looks
    ask m maps
    tables=$(tables_now)
    [ "$tables" -eq "$made" ] || fail "$way, then MAP: $made KiB of tables have become $tables"
done
echo 2 >$ksm/run

answers=()
: >"$WORK/console"
"$BUILD/holdfastctl" reset storm >/dev/null || fail "no reset"
says ready || fail "the guest does not come up after the reset"
tables=$(tables_now)
[ "$tables" -eq "$made" ] || fail "reset: $made KiB of tables have become $tables"
echo "second-level tables: $made KiB all the time"

# Who writes this parameter drops them: what has to be made again, MAP gets out of its ballast.
ask m maps
fill_cgroup
echo force >$nx
tables=$(tables_now)
[ "$tables" -lt "$made" ] || fail "nx_huge_pages took no tables: this test shows nothing"
echo "$tables KiB after a change of nx_huge_pages"
ask m maps

loosen_cgroup

# In the middle of a MAP: this KVM makes no entry then until the vCPU has run again, and does not even
# return from KVM_PRE_FAULT_MEMORY. The end of the VM must get the vCPU out.
"$BUILD/holdfastctl" drill storm --primitive map --count 100 >"$WORK/drill" 2>&1 &
sleep 1
printf m >&7
sleep 0.5
echo off >$nx
sleep 2
! grep -qE 'refused [1-9]|wrong [1-9]' "$WORK/console" || fail "not all went well"
kill "$pid"
ended 0
