# SPDX-License-Identifier: MIT
# What refuses a machine is gone when its monitor's connection ends; who ran without a client of the monitor
# ends with the guest's status.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/needs.bash
needs_terminals
export HOLDFAST_RUNTIME_DIR=$WORK/run
# By the VMM that ends quickly.
python3 tests/libvirt/refusal_outlives.py "$BUILD/holdfast-vmm" "$(realpath "$BUILD/tests/libvirt/ends.elf")"
