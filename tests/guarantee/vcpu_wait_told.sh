#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A vCPU that touches a page for which no window has set memory aside, and for which the full memory
# cgroup has none, is told in the log after a second: which vCPU, at which address, what was refused, and
# how full the cgroup is. Its access succeeds once there is memory.
. tests/guarantee/storm.bash
needs jq
most=$((112 << 20))

touches() {
    sed -n 's/^round .* touched \([0-9]*\) .*/\1/p' "$WORK/console" | tail -n 1
}

make_cgroup
echo $most >"$cgroup/$limit" || fail "the cgroup takes no limit"
# The object is larger than the cgroup, so that its pages are not made when it is attached.
start map_beside_touches "1000000 object" --vcpus 2 --object name=object,size=128M
go_on
for _ in $(seq 600); do
    line=$(grep 'vCPU 1.* has waited for a second' "$WORK/log") && break
    sleep 0.1
done
[ -n "$line" ] || fail "no line says that the vCPU waits"
told='vCPU 1, at guest-physical 0x[0-9a-f]+, has waited for a second: madvise: Cannot allocate memory,'
told+=' attempt [0-9]+; the memory cgroup /[^ ]* is full, [0-9]+ of '$((most >> 10))' KiB;'
told+=' it is tried again until the host gives in$'
[[ $line =~ $told ]] || fail "the line tells something else: $line"
echo "cgroup $kind: ${line#*: }"
loosen_cgroup
before=$(touches)
for _ in $(seq 600); do
    [ "$(touches)" -eq "$before" ] || break
    sleep 0.1
done
[ "$(touches)" -gt "$before" ] || fail "the access does not succeed when there is memory"
# That an access succeeds is not seen: it is taken as done when nothing was refused for half a second.
for _ in $(seq 300); do
    timeout 30 "$BUILD/holdfastctl" --json guarantee storm >"$WORK/answer" || fail "no answer"
    waits=$(jq .rescues_all "$WORK/answer")
    [ "$waits" != 0 ] || break
    sleep 0.1
done
[ "$waits" = 0 ] || fail "a vCPU waits on: $(cat "$WORK/answer")"
! grep -q '#GP' "$WORK/log" || fail "the guest got an exception"
end_vm
