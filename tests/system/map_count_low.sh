#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The budget of extents is what holdfast(7) says of vm.max_map_count: by its formula and, with Linux'
# default, by its number. A host that leaves room for none is told with a line, and the VM does not
# start.
. tests/system/control.bash
. tests/needs.bash
needs unshare mount
manual=$PWD/deploy/man/holdfast.7
echo 1 >"$WORK/count"
as_if=(unshare --mount --propagation private sh -c
    'mount --bind "$1" /proc/sys/vm/max_map_count && shift && exec "$@"' sh "$WORK/count")
"${as_if[@]}" true 2>/dev/null || { echo "no file can be mounted over another here"; exit 77; }

# As it is written there.
read -r fixed per_vcpu half number vcpus < <(tr '\n' ' ' <"$manual" | sed -nE \
    's/.*It extents .Pf \( Va vm\.max_map_count \\- ([0-9]+) \\- ([0-9]+) for each vCPU\) \/ ([0-9]+) over all windows[^;]*; ([0-9]+) by Linux. default with (one) vCPU.*/\1 \2 \3 \4 \5/p')
[ "${vcpus:-}" = one ] || fail "holdfast(7), LIMITS: the formula is not found"

budget() { # MAX_MAP_COUNT VCPUS: what a VM says
    local count=0
    echo "$1" >"$WORK/count"
    "${as_if[@]}" "$vmm" --kernel "$BUILD/guest/idle.elf" --name count --vcpus "$2" \
        </dev/null >/dev/null 2>"$WORK/log" &
    pid_of[count]=$!
    until "$ctl" ping count >/dev/null 2>&1; do
        kill -0 "${pid_of[count]}" 2>/dev/null || fail "with $1: $(cat "$WORK/log")"
        [ $((count += 1)) -lt 300 ] || fail "the VM does not answer"
        sleep 0.1
    done
    extents=$("$ctl" --json guarantee count | jq .accounts.extents.limit)
    kill "${pid_of[count]}"
    wait "${pid_of[count]}"
    unset 'pid_of[count]'
}

budget 65530 1
[ "$extents" = "$number" ] || fail "the manual says $number extents, the VM $extents"
for words in "65530 4" "2048 1" "4096 7" "262144 1"; do
    # shellcheck disable=SC2086 # two words
    budget $words
    # shellcheck disable=SC2086 # two words
    set -- $words
    wanted=$((($1 - fixed - per_vcpu * $2) / half))
    [ "$extents" = $wanted ] || fail "by the manual's formula $wanted extents, the VM has $extents ($words)"
done

least=$((fixed + per_vcpu + half))
for count in 300 1085 $((least - 1)); do
    echo $count >"$WORK/count"
    "${as_if[@]}" timeout 30 "$vmm" --kernel "$BUILD/guest/hello.elf" </dev/null >"$WORK/out" 2>"$WORK/err"
    status=$?
    [ $status = 2 ] || fail "with $count: status $status, wanted 2: $(cat "$WORK/err")"
    [ "$(wc -l <"$WORK/err")" = 1 ] || fail "with $count: not one line: $(cat "$WORK/err")"
    grep -q "vm.max_map_count is $count.* $least .*sysctl" "$WORK/err" || fail "with $count: $(cat "$WORK/err")"
done
budget $least 1
[ "$extents" = 1 ] || fail "with $least there is room for one extent, the VM has $extents"
