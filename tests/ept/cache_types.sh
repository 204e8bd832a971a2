#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# EPT has a memory type of its own for each page. KVM sets it to write-back and has the processor ignore
# the guest's page tables, as long as no device of the host that bypasses caches is given to the VM; and
# Holdfast gives none. So it is for every page of a window, whatever cache type is in force there.
. tests/ept/kvm_intel.bash

# Bits 5:3 of an entry: the type, 6 is write-back; bit 6: ignore the guest's.
trace_entries cache_type_in_force --object name=disk,size=1M
while read -r frame entry; do
    [ $((0x$entry >> 3 & 15)) -eq 14 ] || fail "the entry of frame 0x$frame is 0x$entry"
done <"$WORK/entries"
echo "$(wc -l <"$WORK/entries") entries of windows, all write-back"
[ "$(wc -l <"$WORK/entries")" -ge 10 ] || fail "hardly an entry: $(cat "$WORK/entries")"
