#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --guarantee strict starts where every precondition is there, and refuses, with the one that is
# missing, where it is not: a memory cgroup that is shared, too little memory in it, memory that
# cannot be locked, no tables ahead.
. tests/guarantee/storm.bash
hello=$BUILD/guest/hello.elf

# in_cgroup MIB COMMAND ...: the command, with this limit.
in_cgroup() {
    local limited=$(($1 << 20))
    shift
    (
        echo $limited >"$cgroup/$limit"
        echo "$BASHPID" >"$cgroup/cgroup.procs"
        exec "$@" >"$WORK/console" 2>"$WORK/log" </dev/null
    )
}
strict=("$vmm" --name strict --kernel "$hello" --memory 64M --guarantee strict)

# refuses REGEX COMMAND ...: ends with 2 and one line like this.
refuses() {
    local pattern=$1 status
    shift
    "$@"
    status=$?
    [ $status -eq 2 ] || fail "ended with $status, not 2: $(cat "$WORK/log")"
    grep -qE -- "--guarantee strict: $pattern" "$WORK/log" || fail "not said: $pattern"
    [ "$(wc -l <"$WORK/log")" -eq 1 ] || fail "more than one line"
}

make_cgroup
sleep 600 &
sleeper=$!
trap 'kill $sleeper; clean_up' EXIT

echo $sleeper >"$cgroup/cgroup.procs"
refuses "process $sleeper shares the limit of the memory cgroup .*$(basename "$cgroup")" \
    in_cgroup 256 "${strict[@]}"
kill $sleeper
wait $sleeper 2>/dev/null
trap clean_up EXIT

mkdir "$cgroup/other"
refuses "cgroup other shares the limit" in_cgroup 256 "${strict[@]}"
rmdir "$cgroup/other"

# What else this host lacks; strict names the first.
in_cgroup 256 "${strict[@]}"
status=$?
if [ $status -ne 0 ]; then
    [ $status -eq 2 ] && grep -qE 'oom_score_adj|KVM_PRE_FAULT_MEMORY|cannot lock' "$WORK/log" ||
        fail "ended with $status: $(cat "$WORK/log")"
    echo "in a cgroup of its own: $(cat "$WORK/log")"
    exit 0
fi
refuses "--memory 67108864 does not fit" in_cgroup 64 "${strict[@]}"
echo "strict starts in a cgroup of its own"
