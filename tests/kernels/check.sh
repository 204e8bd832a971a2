#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check.sh [KERNEL ...]: runs tests with other kernels of Debian as the host's, each in a test VM:
# 6.1-cloud, 6.12-cloud and newest-cloud if none is named. On each
#   told     what INFO and the CLI say of second-level tables is what KVM does (guarantee/tables_told)
#   storm    1000 MAPs in a full memory cgroup (guarantee/cgroup_full)
#   tests    the guest tests; with ONLY='map_*' the guest tests and those of the guarantee of this
#            name, with ONLY='*' all of them. By the VMM without sanitizers, in half the time: what
#            they find does not depend on the kernel
# Ends with the figures of each kernel, and fails if one of them has failed. A kernel that cannot be had
# is skipped, and it is said why. What a VM has printed is in build/kernels/KERNEL.log.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BUILD=${BUILD:-build}
. tests/in_vm.bash # for needed_programs
[ $# -gt 0 ] || set -- 6.1-cloud 6.12-cloud newest-cloud
mkdir -p "$BUILD/kernels" || exit 1

# For the VM. Each part ends with a line of its own.
kinds=guest
[ -z "${ONLY:-}" ] || kinds='guest guarantee'
inside='part() {
    echo "part $1"
    eval "$2" </dev/null && echo "part $1 passed" || echo "part $1 ended with $?"
}
export BUILD=build STORM_PART=50 VMM=plain
uname -r | sed "s/^/release /"
part told "bash tests/guarantee/tables_told.sh"
part storm "bash tests/guarantee/cgroup_full.sh"
part tests "tests/run.sh '"$kinds only $(printf %q "${ONLY:-*}")"'"'

# The parts of a log that have ended in another way than they should.
failed_parts() { # LOG
    local part line
    for part in told storm tests; do
        line=$(grep -m 1 -E "^part $part (passed|ended)" "$1") || line="part $part ended early"
        [ "$line" = "part $part passed" ] || echo "${line#part }"
    done
}

words_of() { # LOG REGEX: the group in the first line that is like this
    grep -m 1 -E "$2" "$1" | sed -E "s/.*$2.*/\1/" | grep . || echo "not told"
}

figures=() failed=0
check() { # KERNEL
    local log=$BUILD/kernels/$1.log since=$SECONDS options=(--kernel "$1" --limit 7200) status problems
    needed_programs guarantee
    setpriv --pdeathsig TERM deploy/libvirt/test-vm.sh "${options[@]}" "$inside" 2>&1 </dev/null |
        tee "$log" | sed -u "s/^/$1: /"
    status=${PIPESTATUS[0]}
    if [ "$status" -eq 77 ]; then
        figures+=("$1: skipped: $(tail -n 1 "$log")")
        return
    fi
    problems=$(failed_parts "$log")
    [ "$status" -eq 0 ] || problems="the VM's status is $status: $(tail -n 1 "$log")"
    figures+=("$1: Linux $(words_of "$log" '^release (.*)'), $((SECONDS - since)) s")
    figures+=("    tests: $(words_of "$log" '^([0-9]+ passed, [0-9]+ failed, [0-9]+ skipped)$')")
    figures+=("    storm: $(words_of "$log" '^cgroup v[12]: (maps [^;]*)')")
    figures+=("    INFO: $(words_of "$log" '^INFO and the CLI say: (.*)')")
    figures+=("    seen: $(words_of "$log" '^seen: (.*)')")
    if [ -n "$problems" ]; then
        figures+=("    FAILED: ${problems//$'\n'/; }; see $log")
        failed=1
    fi
}

for kernel; do
    check "$kernel"
done
printf '%s\n' "${figures[@]}"
exit $failed
