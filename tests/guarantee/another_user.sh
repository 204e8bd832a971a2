#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VMM that root has started and that has become another user, without any capability, keeps the
# guarantee as strictly: in a full memory cgroup each MAP goes through, and ballast that was lent is taken
# and locked again.
. tests/guarantee/storm.bash
[ "$(id -u)" -eq 0 ] || { echo "only root can become another user"; exit 77; }
rounds=$((4000 / part))
user=nobody

# LINE of the status of each thread.
threads_have() { # REGEX
    local status
    for status in /proc/"$pid"/task/*/status; do
        grep -qE "^$1$" "$status" || fail "a thread has not $1 but $(grep "^${1%%:*}" "$status")"
    done
}

# Without --user it is holdfast, where there is this user.
start map_storm "1 1"
! id -u holdfast >/dev/null 2>&1 || threads_have "Uid:\s+$(id -u holdfast)\s.*"
end_vm

make_cgroup
# What root may not do here, the VMM may not, either.
guarantee=strict
"$vmm" --name strict --kernel "$BUILD/guest/hello.elf" --memory 16M --guarantee strict \
    </dev/null >/dev/null 2>"$WORK/refused" || guarantee=best-effort
[ $guarantee = strict ] || echo "best-effort, for strict was refused: $(grep -o 'strict: .*' "$WORK/refused")"
start map_storm "$rounds 512" --vcpus 2 --user $user --guarantee $guarantee
threads_have "Uid:\s+$(id -u $user)\s.*"
# May root lift the limit on locked memory? Otherwise two threads keep CAP_IPC_LOCK.
if (ulimit -Hl unlimited && ulimit -Sl unlimited) 2>/dev/null; then
    threads_have 'CapEff:\s+0+'
else
    threads_have 'CapEff:\s+0+(4000)?'
fi
fill_cgroup
go_on
says maps || fail "the guest stands still in a full cgroup"
echo "cgroup $kind, user $user: $(grep ^maps "$WORK/console")"
grep -q "^maps $((2 * rounds)) .* refused 0 wrong 0" "$WORK/console" || fail "not all went well"
! grep -q '#GP' "$WORK/log" || fail "the guest got an exception"
sleep 1
missing=$((($(cat "$cgroup/$limit") - $(in_use)) >> 10))
echo "short of the limit when all is unmapped: $missing KiB"
[ $missing -le 1024 ] || fail "the ballast has not come back"
loosen_cgroup
go_on
ended 0
