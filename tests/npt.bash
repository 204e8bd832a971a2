# SPDX-License-Identifier: MIT
# The kind npt of tests/run.sh, which sources this: other kinds' tests again, by a tests/run.sh inside
# the test VM. Second-level page tables are real there, on any machine, and so is version 2 of cgroups.
# shellcheck shell=bash

npt_kinds=(guest guarantee)

npt() { # prints and counts a result for each test
    local -A missing=()
    local line name word rest failure='' status reason
    for name in $(list npt); do missing[$name]=1; done
    [ ${#missing[@]} -gt 0 ] || return 0

    exec 4>&1
    while IFS= read -r line; do
        if [[ $line == '        | '* ]]; then
            [ -z "$failure" ] || failure+=$'\n'$line
            continue
        fi
        read -r word _ name rest <<<"$line"
        name=${name%:}
        [[ $word =~ ^(passed|skipped|FAILED)$ && -n ${missing[$name]:-} ]] || continue
        unset "missing[$name]"
        npt_failure
        case $word in
        passed) result passed npt "$name" " $rest" ;;
        skipped) result skipped npt "$name" ": $rest" ;;
        FAILED) failure="$name $rest" ;;
        esac
    done < <(npt_vm)
    npt_failure

    status=$(cat "$scratch/npt.status")
    reason=$(tail -n 1 "$scratch/npt.log")
    for name in $(list npt); do
        [ -n "${missing[$name]:-}" ] || continue
        case $status in
        77) result skipped npt "$name" ": $reason" ;;
        *) result FAILED npt "$name" ": the test VM has told no result" ;;
        esac
    done
    case $status in
    0 | 1 | 77) ;;
    *) result FAILED npt test-vm ": its status is $status; see what stands before" ;;
    esac
}

npt_failure() { # what a failed test had to say comes after its name, so that it is told late
    [ -z "$failure" ] || result FAILED npt "${failure%% *}" " ${failure#* }"
    failure=
}

npt_vm() { # prints what the tests/run.sh inside prints; the progress goes to 4
    exec 3>&1
    deploy/libvirt/test-vm.sh --limit 600 \
        "STORM_PART=10 tests/run.sh ${npt_kinds[*]} only $(printf %q "$only")" 2>&1 >&3 |
        tee "$scratch/npt.log" | sed -u 's/^/npt: /' >&4
    echo "${PIPESTATUS[0]}" >"$scratch/npt.status"
}
