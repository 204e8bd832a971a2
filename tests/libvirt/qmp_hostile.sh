# SPDX-License-Identifier: MIT
# The monitor and clients that are mistaken, slow, many or malicious.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
export HOLDFAST_RUNTIME_DIR=$WORK/run
python3 tests/libvirt/qmp_hostile.py "$BUILD/san/holdfast-vmm" \
    "$(realpath "$BUILD/tests/libvirt/talk.elf")" "$(realpath "$BUILD/tests/libvirt/resets.elf")" "$WORK"
