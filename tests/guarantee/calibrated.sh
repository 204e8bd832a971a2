#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --calibrate finds what an extent costs the kernel here, as the memory cgroup shows once many are
# mapped, and with so much ballast every MAP goes through in a full cgroup.
. tests/guarantee/storm.bash
rounds=$((2000 * soak / part))
count=$((part > 1 ? 4000 : 20000))

extent_bytes() { # sets measured and aside
    read -r aside measured < <("$BUILD/holdfastctl" --json guarantee storm | tr -d ' \n' |
        sed 's/.*"extent_bytes":{"set_aside":\([0-9]*\),"measured":\([0-9]*\)}.*/\1 \2/')
}

make_cgroup
start map_all_isolated "$count" --memory 128M --calibrate
extent_bytes
[ "$measured" -gt 0 ] || fail "nothing was measured: $(cat "$WORK/log")"
unmapped=$(in_use)
go_on
says mapped || fail "the guest stands still"
seen=$((($(in_use) - unmapped) / count))
echo "cgroup $kind: $measured bytes were measured for an extent, $seen seen, $aside set aside"
[ "$measured" -gt $((seen * 2 / 3)) ] && [ "$measured" -lt $((seen * 3 / 2)) ] ||
    fail "$measured were measured, $seen seen"
[ "$aside" -ge $((2 * measured)) ] && [ "$aside" -lt $((2 * measured + 64)) ] || fail "$aside set aside"
end_vm

start map_storm "$rounds 512" --vcpus 2 --calibrate
fill_cgroup
before_storm=$(shortages)
go_on
says maps || fail "the guest stands still in a full cgroup"
grep -q "^maps $((2 * rounds)) .* refused 0 wrong 0" "$WORK/console" || fail "not all went well"
[ "$(shortages)" -gt "$before_storm" ] || fail "the cgroup has not been full: this test shows nothing"
go_on
ended 0
loosen_cgroup

# Where others are charged at the same time, too, what is built in holds, and a line says so.
(
    enter_cgroup
    while [ ! -e "$WORK/quiet" ]; do
        head -c 3M /dev/zero | tail -c 3M >/dev/null
    done
) &
others=$!
start map_all_isolated 1 --calibrate
: >"$WORK/quiet"
wait $others
extent_bytes
[ "$measured $aside" = "0 1024" ] || fail "in spite of others, $measured measured, $aside set aside"
grep -q -- '--calibrate: .*others are charged.*1024 bytes are set aside' "$WORK/log" ||
    fail "no line says so"
end_vm

# The same where no cgroup tells.
# shellcheck disable=SC2016 # for sh
before=(unshare --mount --propagation private sh -c
    'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' sh)
start map_all_isolated 1 --calibrate
extent_bytes
[ "$measured $aside" = "0 1024" ] || fail "$measured measured, $aside set aside"
grep -q -- '--calibrate: .*1024 bytes are set aside for each' "$WORK/log" || fail "no line says so"
end_vm
