#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# FLUSH and DISCARD on what the host has: a block device, one that fails (HF_IO_ERROR), and a file
# system that cannot forget pages (HF_NOT_SUPPORTED).
set -u
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
if [ "${1:-}" != inside ]; then
    unshare -m true 2>/dev/null || { echo "mounting file systems is not allowed here"; exit 77; }
    unset MAKEFLAGS MFLAGS MAKELEVEL
    make -s B="$BUILD" guest SRC=tests/system/guests/storage.c OUT="$WORK/guest.elf" || exit 1
    exec unshare -m bash "$0" inside
fi
mkdir "$WORK/ramfs" "$WORK/tmpfs"
mount -t ramfs none "$WORK/ramfs" && mount -t tmpfs -o size=256k none "$WORK/tmpfs" ||
    { echo "file systems cannot be mounted here"; exit 77; }
loop=
trap '[ -z "$loop" ] || losetup -d "$loop"' EXIT

# run PATH LETTERS [OPTION ...]: what the guest says to them, with blanks between the lines
run() {
    timeout 60 "$BUILD/san/holdfast-vmm" --name storage --kernel "$WORK/guest.elf" \
        --object "name=disk,path=$1" --append "$2" "${@:3}" </dev/null >"$WORK/out" 2>"$WORK/log" ||
        { cat "$WORK/out" "$WORK/log"; echo "the VMM ended with $?"; exit 1; }
    said=$(tr -d '\r' <"$WORK/out" | xargs)
}
want() { # TEXT
    [ "$said" = "$1" ] && return
    cat "$WORK/log"
    echo "the guest said: $said; wanted: $1"
    exit 1
}
logged() { # REGEX
    grep -qE "$1" "$WORK/log" && return
    cat "$WORK/log"
    echo "not in the log: $1"
    exit 1
}

truncate -s 64K "$WORK/ramfs/disk"
run "$WORK/ramfs/disk" wfdzf --guarantee off
want 'flush: OK discard: NOT_SUPPORTED first half: not zeros flush: OK'
# Pages that were made for the guarantee are cleared and stay.
run "$WORK/ramfs/disk" wfdzf
want 'flush: OK discard: OK first half: zeros flush: OK'

truncate -s 128K "$WORK/tmpfs/small"
loop=$(losetup --show -f "$WORK/tmpfs/small" 2>/dev/null) || { echo "no loop device here"; exit 77; }
run "$loop" wfdzf
want 'flush: OK discard: OK first half: zeros flush: OK'
[ "$(stat -c %b "$WORK/tmpfs/small")" -eq 128 ] || { echo "the first half is still there"; exit 1; }
losetup -d "$loop"
loop=

# The device has more pages than there is room for: the host cannot write them.
rm "$WORK/tmpfs/small"
truncate -s 1M "$WORK/tmpfs/large"
loop=$(losetup --show -f "$WORK/tmpfs/large") || exit 1
run "$loop" wf
want 'flush: IO_ERROR'
logged "the host cannot flush $loop: (Input/output error|No space left)"
