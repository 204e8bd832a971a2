#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guests see the same whether the processor keeps accessed and dirty bits in EPT, logs dirtied pages
# (PML) and runs guests without paging itself ("unrestricted guest"), or KVM makes up for each: pages are
# in their places, faults are exact, CPUs start, calls race. KVM's entries show that the bits are in use,
# and that they are not.
. tests/ept/kvm_intel.bash
trap load_kvm_intel EXIT

# How many of the entries have bits 8 or 9: accessed, dirty.
with_bits() {
    grep -c '[9abdef]..$' "$WORK/entries"
}

# With all of it on, which is the default, every other guest runs anyway. CPUs start in real mode, which
# only an unrestricted guest has.
while read -r parameters guests; do
    # shellcheck disable=SC2086 # several
    load_kvm_intel ${parameters//,/ }
    trace_entries map_ram_content
    bits=$(with_bits)
    echo "$parameters: $bits of $(wc -l <"$WORK/entries") entries have accessed and dirty bits"
    if [[ $parameters == *eptad=0* ]]; then
        [ "$bits" -eq 0 ] || fail "bits that the processor does not keep: $(head -n 5 "$WORK/entries")"
    else
        [ "$bits" -gt 0 ] || fail "no bits: $(head -n 5 "$WORK/entries")"
    fi
    for guest in $guests; do
        options=()
        [[ $guest != smp_* ]] || options=(--vcpus 4)
        run_guest "$guest" "${options[@]}"
    done
done <<-SETTINGS
	pml=1,eptad=1
	pml=0,eptad=1 fault_once
	pml=0,eptad=0 fault_once fault_execute map_parts remap_places
	unrestricted_guest=0 fault_once smp_windows
SETTINGS
