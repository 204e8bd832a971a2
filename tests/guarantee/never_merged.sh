#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VMM that is started with all its memory to be merged, as by MemoryKSM= of systemd, has none of it
# merged: its ballast stays its own. Without that, KSM gives the ballast away. In the test VM only: KSM
# is turned on.
. tests/guarantee/storm.bash
. tests/guarantee/keep.bash
grep -q holdfast-test-vm /proc/cmdline || { echo "only the test VM may merge"; exit 77; }
ksm=/sys/kernel/mm/ksm
[ -e $ksm/run ] || { echo "the kernel has no KSM"; exit 77; }
"$BUILD/tests/guarantee/merging" /bin/true || { echo "before Linux 6.4, no process is merged as a whole"; exit 77; }

"$BUILD/tests/guarantee/merging" /bin/sleep 1000 & # without any process to look at, KSM counts no scan
other=$!
put_back() {
    kill "$other"
    echo 2 >$ksm/run
    clean_up
}
trap put_back EXIT

# Sets merged to the pages of the VMM that have been merged, once KSM has looked at all of it twice: it
# merges what has not changed in between.
look() {
    local scans now
    read -r scans <$ksm/full_scans
    echo 1 >$ksm/run
    for _ in $(seq 200); do
        read -r now <$ksm/full_scans
        [ "$now" -lt $((scans + 3)) ] || break
        sleep 0.1
    done
    echo 0 >$ksm/run
    read -r merged <"/proc/$pid/ksm_merging_pages"
}

[ ! -e $ksm/smart_scan ] || echo 0 >$ksm/smart_scan
echo 20 >$ksm/sleep_millisecs
echo 1000 >$ksm/pages_to_scan
before=("$parts/merging")
start keep_tables 1 --memory 64M
look
with=$merged
end_guest

vmm=$parts/vmm-merging_allowed
start keep_tables 1 --memory 64M
look
echo "pages that KSM has merged: $with; $merged if the VMM allows it"
[ "$merged" -gt 0 ] || fail "KSM does not merge: this test shows nothing"
[ "$with" -eq 0 ] || fail "KSM has taken pages"
end_guest
