#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# On an Intel processor VMCALL is announced and VMMCALL is not, and the guest library makes its calls by
# VMCALL: KVM counts a hypercall for each.
. tests/guarantee/storm.bash
without_filters=(--sandbox off)
[ -e /modules/kvm-intel.ko ] || { echo "only the test VM with an Intel processor is for this"; exit 77; }
[ -d /sys/kernel/debug/kvm ] || mount -t debugfs none /sys/kernel/debug || exit 1

calls() {
    cat /sys/kernel/debug/kvm/"$pid"-*/hypercalls
}
start map_storm "200 4"
features=$("$BUILD/holdfastctl" info storm | sed -n 's/^Features *//p')
[ "$features" = "pio, vmcall, prefault" ] || fail "the features are $features"
before_storm=$(calls)
go_on
says maps || fail "the guest stands still"
made=$(($(calls) - before_storm))
go_on
ended 0
echo "$features; $made hypercalls for $(grep ^maps "$WORK/console")"
[ "$made" -ge 200 ] || fail "the guest made its calls in another way"
