# SPDX-License-Identifier: MIT
# For the tests of what only Intel's processors have: KVM's module with other parameters, and what KVM's
# tracepoints show of its second-level tables, EPT. In the test VM with an Intel processor only.
# shellcheck shell=bash
set -u
[ -z "${NO_KVM:-}" ] || { echo "$NO_KVM"; exit 77; }
[ -e /modules/kvm-intel.ko ] || { echo "only the test VM with an Intel processor is for this"; exit 77; }
vmm=$BUILD/holdfast-vmm
trace=/sys/kernel/tracing
[ -d $trace/events ] || mount -t tracefs none $trace || exit 1

fail() {
    echo "$*"
    exit 1
}

# Loads KVM's module anew with these parameters, NAME=0 or NAME=1, and looks that they hold.
load_kvm_intel() { # [NAME=VALUE ...]
    local parameter value
    rmmod kvm_intel || fail "kvm-intel cannot be taken out"
    # shellcheck disable=SC2046 # several options
    insmod /modules/kvm-intel.ko $(cat /modules/options) "$@" || fail "kvm-intel cannot be loaded with $*"
    for parameter in ept=1 "$@"; do
        value=$(cat "/sys/module/kvm_intel/parameters/${parameter%=*}")
        [ "${value/N/0}" = "${parameter#*=}" ] || [ "${value/Y/1}" = "${parameter#*=}" ] ||
            fail "KVM has set ${parameter%=*} to $value"
    done
}

# Runs a guest of tests/guest, which must end with 0.
run_guest() { # NAME [option of holdfast-vmm ...]
    local name=$1
    shift
    HOLDFAST_RUNTIME_DIR=$WORK/run timeout 100 "$vmm" --name "$name" --memory 8M \
        --kernel "$BUILD/tests/guest/$name.elf" "$@" >"$WORK/console" 2>&1 </dev/null ||
        fail "$name ends with $?: $(tail -n 5 "$WORK/console")"
}

# The second-level entries that KVM makes for the arena while a guest of tests/guest runs, as lines
# "GUEST-FRAME ENTRY", in $WORK/entries.
trace_entries() { # NAME [option of holdfast-vmm ...]
    local event=$trace/events/kvmmmu/kvm_tdp_mmu_spte_changed
    # The arena begins at 4 GiB. To print and to read RAM's entries, too, takes longer than the guest.
    echo 'level == 1 && gfn >= 0x100000' >$event/filter || fail "KVM's tracepoint takes no filter"
    echo >$trace/trace
    echo 1 >$event/enable
    run_guest "$@"
    echo 0 >$event/enable
    # ... as id 0 gfn 100000 level 1 old_spte 8000000000000000 new_spte 860000001234bb77
    # Bit 11 is KVM's own, of entries that are present.
    LC_ALL=C sed -n 's/.* gfn \([1-9a-f][0-9a-f]\{5,\}\) level 1 .* new_spte \([0-9a-f]*[89a-f][0-9a-f][0-9a-f]\)$/\1 \2/p' \
        $trace/trace >"$WORK/entries"
    [ -s "$WORK/entries" ] || fail "KVM's tracepoint shows no entry: $(head -n 30 $trace/trace)"
}
