#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A mapping that the host refuses is answered HF_HOST_FAILURE, and the range is closed.
set -u
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
unset MAKEFLAGS MFLAGS MAKELEVEL
make -s B="$BUILD" guest SRC=tests/system/guests/host_failure.c OUT="$WORK/guest.elf" || exit 1
exec python3 tests/system/host_failure.py "$BUILD/san/holdfast-vmm" "$WORK/guest.elf" "$WORK/file"
