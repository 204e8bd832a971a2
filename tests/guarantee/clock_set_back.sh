#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The host's clock is set back by an hour while ballast is lent: it is taken again within
# seconds all the same.
. tests/guarantee/storm.bash
needs jq
grep -q holdfast-test-vm /proc/cmdline || { echo "only a test VM's clock may be set"; exit 77; }

make_cgroup
start map_storm "$((1000 / part)) 512" --vcpus 2
fill_cgroup
go_on
says maps || fail "the guest stands still in a full cgroup"
held() {
    "$BUILD/holdfastctl" --json guarantee storm | jq '.conditions[] | select(.name == "ballast").met'
}
[ "$(held)" = false ] || { echo "no ballast was lent: this test shows nothing"; exit 77; }
# In steps, so that one falls into each wait of the ballast's thread.
for _ in 1 2 3 4 5 6 7 8; do
    date -s "@$(($(date +%s) - 450))" >/dev/null
    sleep 0.15
done
loosen_cgroup
for _ in $(seq 300); do
    [ "$(held)" = false ] || break
    sleep 0.1
done
back=$(held)
date -s "@$(($(date +%s) + 3600))" >/dev/null
[ "$back" = true ] || fail "the ballast is not taken again"
go_on
ended 0
