#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A vCPU that the host fails to run is not at fault for an address which its instruction names and does
# not access: a hint, a NOP, a string of no length, a bit that lies elsewhere. A drill has it fail there.
. tests/system/control.bash
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/touches_nothing.c OUT="$guest" || exit 1

start busy
for _ in 1 2 3; do
    # Whether the guest happens to make a call meanwhile does not matter here.
    "$ctl" drill busy --primitive reach --count 100 --wait 20 >"$WORK/out" 2>"$WORK/err"
    says '^reach +100 +100$'
done
holds '.faults == 0' stats busy
