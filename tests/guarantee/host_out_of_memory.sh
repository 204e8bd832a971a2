#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While the whole host is out of memory and its OOM killer ends one process after another, every MAP,
# REMAP and UNMAP goes through, and the VMM lives, though it was started as the killer's favourite.
# Without the guarantee it is the one that is killed. In the test VM only: no other host is to suffer.
. tests/guarantee/storm.bash
grep -q holdfast-test-vm /proc/cmdline || { echo "only the test VM may run out of memory"; exit 77; }
# So many that the killer strikes while they last, in an emulated machine, too.
rounds=$((60000 * soak / (part < 50 ? part : 50)))

favourite=(bash -c 'echo 1000 >/proc/self/oom_score_adj && exec "$@"' bash)
kills() {
    sed -n 's/^oom_kill //p' /proc/vmstat
}
# Takes memory until it is killed, again and again.
hogs() {
    echo 500 >/proc/self/oom_score_adj
    while :; do
        "$parts/memory_taker" 1000 </dev/null >/dev/null
        sleep 0.1
    done 2>/dev/null
}
# A process group of their own: one that is left goes on taking memory, from the next tests.
start_hogs() {
    set -m
    hogs &
    hog=$!
    set +m
}
stop_hogs() {
    [ -z "$hog" ] || { kill -KILL -- "-$hog"; wait "$hog"; } 2>/dev/null
    hog=
}
hog=
trap 'stop_hogs; rm -f /dev/shm/filler; echo 0 >/proc/sys/vm/nr_hugepages; clean_up' EXIT
available() { # MiB
    echo $(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) >> 10))
}
# Not much is left, so that a hog reaches the end soon. Large pages are taken without a look at each
# small one; what they do not take goes into a file.
left=$((part < 100 ? 160 : 44))
echo $((($(available) - left) / 2)) >/proc/sys/vm/nr_hugepages
filler=$(($(available) - left))
[ $filler -le 8 ] || head -c ${filler}M /dev/zero >/dev/shm/filler
echo "$(available) MiB of memory are left"

before=("${favourite[@]}")
start map_storm "$rounds 64" --vcpus 2
killed_before=$(kills)
start_hogs
until [ "$(kills)" -gt "$killed_before" ]; do sleep 0.2; done
go_on
patience=60 says maps || fail "the guest stands still, or the VMM is gone"
stop_hogs
echo "$(grep ^maps "$WORK/console"); the OOM killer has struck $(($(kills) - killed_before)) times"
grep -q "^maps $((2 * rounds)) .* refused 0 wrong 0" "$WORK/console" || fail "not all went well"
! grep -q '#GP' "$WORK/log" || fail "the guest got an exception"
[ "$(kills)" -gt $((killed_before + 1)) ] || fail "the killer was not at work: this test shows nothing"
go_on
ended 0

start map_storm "$((rounds * 10)) 64" --vcpus 2 --guarantee off
start_hogs
go_on
patience=30
! says maps || fail "without the guarantee the VM lives as well: this test shows nothing"
stop_hogs
echo "without the guarantee: killed after: $(tail -n 1 "$WORK/console")"
