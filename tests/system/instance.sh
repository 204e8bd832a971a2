#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each start of the VMM has an instance number of its own, which a reset keeps.
set -u
[ -z "${NO_KVM:-}" ] || { echo "$NO_KVM"; exit 77; }
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/instance.c OUT="$guest" || exit 1

told() { # the two numbers of one start
    timeout 60 "$BUILD/san/holdfast-vmm" --kernel "$guest" --object name=boots,size=4K \
        2>"$WORK/log" </dev/null || { cat "$WORK/log"; exit 1; }
}
told >"$WORK/first"
told >"$WORK/second"
cat "$WORK/first" "$WORK/second"
for start in first second; do
    [ "$(grep -c '^instance 0x[0-9a-f]*$' "$WORK/$start")" -eq 2 ] || exit 2
    [ "$(sort -u "$WORK/$start" | wc -l)" -eq 1 ] || exit 3
done
! grep -q '^instance 0x0$' "$WORK/first" "$WORK/second" || exit 4
! cmp -s "$WORK/first" "$WORK/second" || exit 5
