# SPDX-License-Identifier: MIT
# A machine whose monitor cannot be made ends, whatever a client of the control socket has asked.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/needs.bash
needs_terminals
export HOLDFAST_RUNTIME_DIR=$WORK/run
python3 tests/libvirt/start_fails.py "$BUILD/san/holdfast-vmm" \
    "$(realpath "$BUILD/tests/libvirt/talk.elf")" "$WORK"
