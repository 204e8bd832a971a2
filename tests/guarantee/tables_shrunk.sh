#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# With kvm's parameter tdp_mmu off, Linux up to 6.12 takes second-level tables back when memory is short.
# The VMM then does not say that it makes tables ahead, and every MAP and touch goes through in a full
# memory cgroup. In the test VM only: its modules are loaded anew.
. tests/guarantee/storm.bash
. tests/guarantee/keep.bash
grep -q holdfast-test-vm /proc/cmdline || { echo "only the test VM's modules may be loaded anew"; exit 77; }
[ -e /modules/kvm-amd.ko ] || { echo "only where the module is kvm-amd"; exit 77; }

load() { # [PARAMETER]
    rmmod kvm_amd
    rmmod kvm
    insmod /modules/kvm.ko "$@"
    insmod /modules/kvm-amd.ko || fail "the modules cannot be loaded anew"
}
put_back() {
    clean_up
    load
}
trap put_back EXIT

load tdp_mmu=0
make_cgroup
start keep_tables 1 --memory 64M
"$BUILD/holdfastctl" stats storm | grep -q 'Tables made ahead *no' || fail "tables that do not stay are told to"
ask m maps
made=$(tables_now)
fill_cgroup
for _ in $(seq 5); do echo 2 >/proc/sys/vm/drop_caches; done
tables=$(tables_now)
echo "second-level tables: $made KiB, $tables once caches were dropped"
for _ in 1 2 3; do
    ask m maps
    ask t touched
done
grep -qE 'refused [1-9]|wrong [1-9]' "$WORK/console" && fail "not all went well"
loosen_cgroup
end_guest
