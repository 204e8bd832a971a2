#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Memory limits that cannot be seen are not taken for none: without /sys, and in a cgroup namespace
# whose cgroups above are hidden, a line says so, RAM is not made, the OOM killer may choose the VMM,
# and strict does not start. A limit that can be seen counts, wherever cgroups are mounted.
. tests/guarantee/storm.bash
needs unshare mount umount jq setpriv
idle=$BUILD/guest/idle.elf
unshare --mount --propagation private umount -l /sys 2>/dev/null ||
    { echo "/sys cannot be unmounted here"; exit 77; }

# look COMMAND ...: what a VM says of itself that was started by it in the cgroup; sets made, protected
# and line.
look() {
    rm -f "$WORK/log"
    (
        enter_cgroup
        exec "$@" "$vmm" --name storm --kernel "$idle" --memory 96M </dev/null >/dev/null 2>"$WORK/log"
    ) &
    pid=$!
    local count=0
    until "$BUILD/holdfastctl" ping storm >/dev/null 2>&1; do
        kill -0 $pid 2>/dev/null || fail "it has ended: $(cat "$WORK/log")"
        [ $((count += 1)) -lt 600 ] || fail "the VM does not answer: $(cat "$WORK/log")"
        sleep 0.1
    done
    made=$("$BUILD/holdfastctl" --json guarantee storm | jq '.conditions[] | select(.name == "ram_made").met')
    protected=$(cat "/proc/$pid/oom_score_adj")
    line=$(grep -c 'cannot be seen\|can be seen' "$WORK/log")
    kill $pid
    wait $pid
    pid=''
}

is() { # MADE LINES WHEN
    [ "$made $line" = "$1 $2" ] || fail "$3: RAM made: $made, lines: $line; wanted $1 $2: $(cat "$WORK/log")"
}

make_cgroup
look env
if [ "$line" -ne 0 ]; then echo "this machine's own limits cannot be seen"; exit 77; fi
is true 0 "where all can be seen"
first=$protected # -1000 where the OOM killer can be told to spare anybody

look unshare --mount --propagation private sh -c 'umount -l /sys && exec "$@"' sh
is false 1 "without /sys"
[ "$first" -ne -1000 ] || [ "$protected" -ne -1000 ] || fail "without /sys the OOM killer is to take another process"
(
    enter_cgroup
    exec unshare --mount --propagation private sh -c 'umount -l /sys && exec "$@"' sh \
        "$vmm" --name storm --kernel "$idle" --guarantee strict </dev/null >/dev/null 2>"$WORK/log"
)
status=$?
[ $status -eq 2 ] && grep -q 'strict: not all memory cgroups' "$WORK/log" ||
    fail "strict without /sys: $status, $(cat "$WORK/log")"

# The cgroups are mounted elsewhere, and a limit below RAM is seen there.
mkdir "$WORK/elsewhere"
moved() { # LIMIT
    echo "$1" >"$cgroup/$limit"
    # shellcheck disable=SC2016 # for sh
    look unshare --mount --propagation private sh -c \
        'to=$1 kind=$2; shift 2; umount -l /sys
         if [ "$kind" = v1 ]; then mount -t cgroup -o memory none "$to"; else mount -t cgroup2 none "$to"; fi
         exec "$@"' sh "$WORK/elsewhere" $kind
}
moved $((64 << 20))
is false 0 "mounted elsewhere, with a limit below RAM"
moved $((512 << 20))
is true 0 "mounted elsewhere, with room"
loosen_cgroup

# In a namespace of its own: what is above is hidden, but version 1 tells of its limits.
in_namespace() { # COMMAND OF SH
    # shellcheck disable=SC2016 # for sh
    look unshare --cgroup --mount --propagation private sh -c \
        'to=$1 kind=$2; shift 2; umount -l /sys
         if [ "$kind" = v1 ]; then mount -t cgroup -o memory none "$to"; else mount -t cgroup2 none "$to"; fi
         exec "$@"' sh "$WORK/elsewhere" $kind
}
in_namespace
if [ $kind = v1 ]; then is true 0 "in a namespace"; else is false 1 "in a namespace without a limit"; fi
echo $((512 << 20)) >"$cgroup/$limit"
in_namespace
is true 1 "in a namespace with a limit"
echo $((64 << 20)) >"$cgroup/$limit"
in_namespace
is false 1 "in a namespace with a limit below RAM"
loosen_cgroup

# A limit of a cgroup that is above the visible ones.
[ $kind = v1 ] || exit 0
above=$cgroup
trap 'end_vm; rmdir "$above/below"; cgroup=$above; clean_up' EXIT
mkdir "$cgroup/below"
echo $((64 << 20)) >"$cgroup/$limit"
cgroup=$above/below
in_namespace
is false 1 "in a namespace below a limit that is below RAM"
exit 0
