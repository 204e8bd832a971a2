# SPDX-License-Identifier: MIT
# Each command that the recorded releases of libvirt have sent gets an answer of the right form.
set -u
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/needs.bash
needs_terminals
export HOLDFAST_RUNTIME_DIR=$WORK/run
for record in tests/libvirt/recorded/*.txt; do
    directory=$(mktemp -d "$WORK/XXX")
    python3 tests/libvirt/qmp_replay.py "$BUILD/san/holdfast-vmm" \
        "$(realpath "$BUILD/tests/libvirt/talk.elf")" "$directory" "$record" ||
        { echo "so with $record"; exit 1; }
done
