#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where second-level tables can be made ahead: their number stays the same through thousands of MAPs
# and UNMAPs, and the first touch of a page after MAP takes no second-level fault. Pages of a file,
# for which MAP makes no entries, do take one each: so the counter counts.
. tests/guarantee/storm.bash
without_filters=(--sandbox off)

second_level_kib() {
    echo 1 >/proc/sys/vm/stat_refresh
    sed -n 's/^SecPageTables: *\([0-9]*\) kB/\1/p' /proc/meminfo
}
faults() { # that this VM's vCPUs have taken
    cat /sys/kernel/debug/kvm/"$pid"-*/pf_taken
}
# Sets taken to the most second-level faults that touching 512 pages took in any round.
touch_all() {
    local round before after
    taken=0
    for round in 0 1 2 3; do
        go_on
        says "mapped $round" || fail "the guest stands still"
        before=$(faults)
        go_on
        says "touched $round" || fail "the guest stands still"
        after=$(faults)
        go_on
        [ $((after - before)) -le "$taken" ] || taken=$((after - before))
    done
    says maps || fail "the guest stands still"
    go_on
    ended 0
}

if [ ! -d /sys/kernel/debug/kvm ]; then mount -t debugfs none /sys/kernel/debug 2>/dev/null; fi
start first_touch ram
if "$BUILD/holdfastctl" stats storm | grep -q 'Tables made ahead *no'; then
    end_vm
    echo "this host's KVM makes no second-level tables ahead"
    exit 77
fi
[ -n "$(faults)" ] || { end_vm; echo "KVM's statistics cannot be read here"; exit 77; }
touch_all
with=$taken

truncate -s 2M "$WORK/file"
start first_touch file --object "name=file,path=$WORK/file"
touch_all
echo "second-level faults of touching 512 pages: $with after MAP of RAM, $taken of a file"
[ "$taken" -ge 512 ] || fail "the counter does not count: this test shows nothing"
[ "$with" -le 4 ] || fail "the first touch takes second-level faults" # the console's pages may

# Short lists, so that all of them may be had everywhere.
rounds=$((2500 * soak / (part > 10 ? part / 10 : 1)))
# Sets grown to how much the tables have grown by a storm of maps.
storm() {
    local before_storm
    start map_storm "$1 2" --vcpus 2
    before_storm=$(second_level_kib)
    go_on
    says maps || fail "the guest stands still"
    grown=$(($(second_level_kib) - before_storm))
    go_on
    ended 0
}

storm "$rounds"
with=$grown
vmm=$parts/vmm-no_tables_ahead
storm "$rounds"
echo "second-level tables grow by $with KiB in $((2 * rounds)) MAPs and as many UNMAPs;" \
    "by $grown KiB if RESERVE makes none"
[ "$with" -ge 0 ] || fail "second-level tables have gone"
[ "$with" -le 8 ] || fail "second-level tables have become more" # RAM touched for the first time: a few
[ "$grown" -ge 16 ] || fail "they do not grow without, either: this test shows nothing"
