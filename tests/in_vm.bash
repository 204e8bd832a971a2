# SPDX-License-Identifier: MIT
# The kinds of tests/run.sh, which sources this, that run in a test VM, by a tests/run.sh inside. npt:
# other kinds' tests again; second-level page tables are real there, on any machine, and so is version 2
# of cgroups. ept: the same on an Intel processor, with what only such a one has; all of it is slower
# there, so that guests are smaller, the VMM is not the sanitized one, and storms are shorter. linux:
# tests/linux, each with guests that run Linux. debian-RELEASE: tests/debian, in a Debian VM. A VM has one
# processor and keeps it busy. So the tests are in parts, each for a VM, and there are as many VMs at once
# as processors have nothing else to do.
# shellcheck shell=bash

declare -A vm_kinds=([npt]='guest guarantee' [ept]='ept guest guarantee' [linux]=linux) # what runs inside
declare -A vm_parts=([npt]=3 [ept]=2 [linux]=6)
debian_releases=${DEBIAN_RELEASES:-bookworm trixie} debian_selection=
[ -z "${DEBIAN:-}" ] || debian_selection=tests/debian/$DEBIAN.list
for release in $debian_releases; do
    vm_kinds[debian-$release]=debian-$release
    vm_parts[debian-$release]=1
done
ept_selection=tests/ept/${EPT:-all}.list
[ "$ept_selection" = tests/ept/all.list ] || vm_parts[ept]=1

parts_in_vms() { # KIND ...: one part after the other, those that nobody else has taken
    local kind part
    for kind in "$@"; do
        for part in $(seq "${vm_parts[$kind]}"); do
            ! mkdir "$scratch/taken.$kind.$part" 2>/dev/null || PART=$part/${vm_parts[$kind]} in_vm "$kind"
        done
    done
}

in_vm() { # KIND: prints and counts a result for each test of this PART
    local -A missing=()
    local kind=$1 vm=$1-${PART%/*} line name word rest failure='' status reason
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
    local script=test settings="SOAK=${SOAK:-1} STORM_PART=25 PART=$PART" before=:
    exec 3>&1
    {
        "${1%-*}_options" "${1#*-}"
        "deploy/libvirt/$script-vm.sh" "${options[@]}" \
            "for kind in ${vm_kinds[$1]}; do
                $before
                $settings tests/run.sh \$kind only $(printf %q "$only") || status=1
            done
            exit \${status:-0}"
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

# One part of three with the sanitized VMM, which takes twice the time for a guest.
npt_options() {
    needed_programs guarantee
    [[ $PART == 1/* ]] || settings+=" VMM=plain"
}

ept_options() {
    local test
    options+=(--processor intel)
    needed_programs guarantee
    needed_programs ept
    for test in $(grep -ohE '\<[a-z_]+-no_[a-z]+' tests/guarantee/injected_failures.sh); do
        [ ! -e "$BUILD/tests/unit/${test%-*}" ] || options+=(--path "$BUILD/tests/unit/${test%-*}")
    done
    # Filters of system calls know nothing of the processor, and to make them takes a third of a short
    # guest's time. Of those of the guarantee, the ones without memory run with them.
    settings+=" STORM_PART=200 GUEST_OPTIONS='--memory 4M --sandbox off' VMM=plain"
    settings+=" SELECTION=$ept_selection ASAN_OPTIONS=detect_leaks=0"
    before='. tests/ept/folios.bash'
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

debian_options() { # RELEASE
    local part
    script=debian
    options+=(--release "$1")
    for part in debian/staged debian/libraries "deb/$1"; do
        [ ! -e "$BUILD/$part" ] || options+=(--path "$BUILD/$part")
    done
    [ -z "$debian_selection" ] || settings+=" SELECTION=$debian_selection"
    before='. tests/debian/install.bash'
}
