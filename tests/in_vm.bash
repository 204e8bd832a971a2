# SPDX-License-Identifier: MIT
# The kinds of tests/run.sh, which sources this, that run in a test VM, by a tests/run.sh inside. npt:
# other kinds' tests again; second-level page tables are real there, on any machine, and so is version 2
# of cgroups. linux: tests/linux, each with guests that run Linux, in two VMs side by side, for a VM has
# one processor.
# shellcheck shell=bash

declare -A vm_kinds=([npt]='guest guarantee' [linux]=linux) # what runs inside

all_in_vms() { # KIND ...: one kind after the other, for each keeps a processor busy
    local kind vms
    for kind in "$@"; do
        case $kind in
        linux)
            vms=()
            for PART in 1/2 2/2; do in_vm "$kind" "$PART" & vms+=($!); done
            wait "${vms[@]}"
            ;;
        *) in_vm "$kind" 1/1 ;;
        esac
    done
}

in_vm() { # KIND PART: prints and counts a result for each test
    local -A missing=()
    local kind=$1 PART=$2 vm=$1-${2%/*} line name word rest failure='' status reason
    for name in $(list "$kind"); do missing[$name]=1; done
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
        in_vm_failure
        case $word in
        passed) result passed "$kind" "$name" " $rest" ;;
        skipped) result skipped "$kind" "$name" ": $rest" ;;
        FAILED) failure="$name $rest" ;;
        esac
    done < <(vm_of "$kind")
    in_vm_failure

    status=$(cat "$scratch/$vm.status")
    reason=$(tail -n 1 "$scratch/$vm.log")
    for name in $(list "$kind"); do
        [ -n "${missing[$name]:-}" ] || continue
        case $status in
        77) result skipped "$kind" "$name" ": $reason" ;;
        *) result FAILED "$kind" "$name" ": the test VM has told no result" ;;
        esac
    done
    case $status in
    0 | 1 | 77) ;;
    *) result FAILED "$kind" test-vm ": its status is $status; see what stands before" ;;
    esac
}

in_vm_failure() { # what a failed test had to say comes after its name, so that it is told late
    [ -z "$failure" ] || result FAILED "$kind" "${failure%% *}" " ${failure#* }"
    failure=
}

vm_of() { # KIND: prints what the tests/run.sh inside prints of this PART; the progress goes to 4
    local options=(--limit $((3000 * ${SOAK:-1}))) # on a busy machine, too
    exec 3>&1
    {
        if [ "$1" = linux ]; then linux_options; else needed_programs guarantee; fi
        deploy/libvirt/test-vm.sh "${options[@]}" \
            "SOAK=${SOAK:-1} STORM_PART=10 PART=$PART tests/run.sh ${vm_kinds[$1]} only $(printf %q "$only")"
    } 2>&1 >&3 | tee "$scratch/$vm.log" | sed -u "s/^/$1: /" >&4
    echo "${PIPESTATUS[0]}" >"$scratch/$vm.status"
}

# What the tests inside need is written in them, in lines "needs PROGRAM ...".
needed_programs() { # KIND [PROGRAM ...]
    local program
    for program in "${@:2}" $(sed -n 's/^needs //p' "tests/$1"/*.sh | tr ' ' '\n' | sort -u); do
        options+=(--program "$program")
    done
}

# And kernels by name.
linux_options() {
    local kernel part parts fetched
    options+=(--memory 1536)
    for part in linux/programs tests/libvirt/qmp; do
        [ ! -e "$BUILD/$part" ] || options+=(--path "$BUILD/$part")
    done
    for kernel in $(grep -ohE '6\.(1|12)-(cloud|amd64)' tests/linux/*.{sh,bash} | sort -u); do
        # Without it, the tests that boot it are skipped.
        parts=(release vmlinuz) fetched=(--image)
        # The large ones are only booted.
        [[ $kernel == *-amd64 ]] || parts+=(vmlinux modules) fetched=()
        deploy/linux/kernels.sh "${fetched[@]}" "$kernel" >&2 || [ $? -eq 77 ] || continue
        for part in "${parts[@]}" absent; do
            [ ! -e "$BUILD/linux/$kernel/$part" ] || options+=(--path "$BUILD/linux/$kernel/$part")
        done
        while read -r part; do options+=(--path "$part"); done < <(
            find "$BUILD/linux/$kernel/image" \( -name 'pvpanic*.ko.xz' \
                -o -name button.ko.xz -o -name evdev.ko.xz \) 2>/dev/null
        )
    done
    needed_programs linux ldd
}
