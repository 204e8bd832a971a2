#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# While one vCPU's MAP, UNMAP or REMAP waits for the host's memory, which never comes, every call and
# fault of the other vCPU on other windows is answered, and so is every command of an operator.
. tests/guarantee/storm.bash
vmm=$parts/vmm-calls_of_one_cpu_refused

asks() { # WHAT ...: holdfastctl does it
    timeout 20 "$BUILD/holdfastctl" "$1" storm "${@:2}" >"$WORK/answer" 2>&1 ||
        fail "holdfastctl $* is not answered while $call waits: $(cat "$WORK/answer")"
}

rounds() {
    grep -c '^round' "$WORK/console"
}

# Two more, for the one that is under way may have begun before.
goes_on() {
    local before
    before=$(rounds)
    for _ in $(seq 200); do
        [ "$(rounds)" -lt $((before + 2)) ] || return 0
        sleep 0.1
    done
    fail "CPU 0 is not answered while $call waits"
}

for call in map unmap remap; do
    start call_beside_waiting "$call" --vcpus 2 --object name=object,size=64K
    goes_on
    for look in ping info windows objects stats map guarantee; do asks "$look"; done
    asks watch --interval 0.1 --count 3
    asks attach name=other,size=64K
    asks detach other --force
    asks quota 0x54494157
    goes_on
    go_on
    says end || fail "the guest does not end while $call waits"
    ended 0
    grep -q '^end returned 0' "$WORK/console" || fail "$call has not waited: this test shows nothing"
done
echo "every other call and every command is answered while a MAP, an UNMAP or a REMAP waits"
