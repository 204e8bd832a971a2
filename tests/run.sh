#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs tests in parallel and closes with "N passed, N failed, N skipped".
#   tests/run.sh unit|tsan|fuzz|guest|system|guarantee|libvirt|npt|ept|linux|debian ... [only PATTERN]
# unit:   build/tests/unit/*, programs
# tsan:   build/tests/tsan/*: those of them that have threads, with ThreadSanitizer
# fuzz:   build/tests/fuzz/*, in the same way, each on the inputs of tests/fuzz/corpus
# guest:  build/tests/guest/*.elf, each booted by the sanitized VMM; comments at the head of its
#         source, before any code, say how:
#           /* vm: options */        options of holdfast-vmm (default: none)
#           /* exit: N */            the VMM's exit status (default: 0)
#           /* log: REGEX */         the VMM's log has a line like this
#           /* console: REGEX */     the console has a line like this
#           /* before: command */    first, on the host; files belong in "$work"
#           /* after: command */     must succeed when the VM has ended
#         each may be given several times. With VMM=plain by the VMM without sanitizers
# system: tests/system/*.sh; exit 77 is a skip, the last line says why
# guarantee: tests/guarantee/*.sh, in the same way
# libvirt: tests/libvirt/*.sh, in the same way, each with a libvirt of its own
# npt:    the guest tests and those of the guarantee again, in a test VM whose KVM has nested paging
# ept:    guest tests, some of the guarantee's and tests/ept/*.sh, in a test VM with an Intel processor;
#         with EPT=some what tests/ept/some.list names, else tests/ept/all.list
# linux:  tests/linux/*.sh, in the same way, in test VMs; tests/in_vm.bash
# debian: tests/debian/*.sh, in the same way, as root of a Debian VM for each of DEBIAN_RELEASES;
#         with DEBIAN=some what tests/debian/some.list names
set -u
shopt -s extglob
cd "$(dirname "$0")/.."
export BUILD=${BUILD:-build} LC_ALL=C.UTF-8
jobs=${JOBS:-$(nproc)}
scratch=$(mktemp -d) || exit 1
vm_groups=()
trap 'for group in "${vm_groups[@]}"; do kill -- "-$group" 2>/dev/null; done; rm -rf "$scratch"' EXIT
. tests/in_vm.bash

guest_vmm=$BUILD/san/holdfast-vmm
[ "${VMM:-}" != plain ] || guest_vmm=$BUILD/holdfast-vmm
no_kvm=
# By its number, too: a container may have something else of that name.
if [ "$(stat -L -c %t:%T /dev/kvm 2>/dev/null)" != a:e8 ] || ! : 2>/dev/null <>/dev/kvm; then
    no_kvm="/dev/kvm cannot be opened"
fi

# By the shell alone, and without regular expressions: where tests are run in an emulated machine, another
# process or a dozen of them takes longer than many a test does.
head_of='' head=()
read_head() { # FILE: sets head to the lines of comments at its head that end there
    local line
    head_of=$1 head=()
    while IFS= read -r line && [[ $line == *([ ])[/\ ]\** ]]; do
        [[ $line == *\*/* ]] || continue
        line=${line#*([ ])[/ ]\*}
        line=${line%\*/*}
        line=${line##+([ ])}
        head+=("${line%%+([ ])}")
    done <"$1"
}

comments() { # FILE KEY: the texts of the comments "KEY: text" at its head, as the array texts
    local line
    texts=()
    [ "$head_of" = "$1" ] || read_head "$1"
    for line in "${head[@]}"; do
        [[ $line != "$2":* ]] || { line=${line#"$2":}; texts+=("${line##+([ ])}"); }
    done
}

on_host() { # FILE KEY: runs the commands of these comments; the first that fails is named
    local command texts
    comments "$1" "$2"
    for command in "${texts[@]}"; do
        eval "$command" </dev/null || { echo "failed: $command"; return 1; }
    done
}

run_unit() {
    timeout $((${HOLDFAST_SECONDS:-0} + 120)) "$BUILD/tests/unit/$1"
}

# Where the kernel scatters mappings more than it expects, it does not start.
run_tsan() {
    local not_scattered=(setarch -R)
    setarch -R true 2>/dev/null || not_scattered=()
    timeout $((${HOLDFAST_SECONDS:-0} + 120)) "${not_scattered[@]}" "$BUILD/tests/tsan/$1"
}

run_fuzz() {
    timeout $((${HOLDFAST_SECONDS:-2} + 120)) "$BUILD/tests/fuzz/$1" "tests/fuzz/corpus/$1"
}

has_line_like() { # FILE REGEX; by the shell alone, too
    local line lines
    mapfile -t lines <"$1"
    for line in "${lines[@]}"; do
        [[ ! $line =~ $2 ]] || return 0
    done
    return 1
}

run_guest() { # NAME; prints what went wrong
    local name=$1 source=tests/guest/$1.c work=$scratch/guest-$1 code key pattern texts
    [ -z "$no_kvm" ] || { echo "$no_kvm"; return 77; }
    local options=()
    on_host "$source" before || return 1
    comments "$source" vm
    eval "options=(${GUEST_OPTIONS:-} ${texts[*]})"
    HOLDFAST_RUNTIME_DIR=$work/run timeout 60 "$guest_vmm" --name "$name" \
        --kernel "$BUILD/tests/guest/$name.elf" "${options[@]}" \
        >"$work/console" 2>"$work/log" </dev/null
    code=$?
    wrong() {
        cat "$work/console" "$work/log"
        echo "$*"
    }
    comments "$source" exit
    [ "$code" = "${texts[0]:-0}" ] || { wrong "exit status $code, wanted ${texts[0]:-0}"; return 1; }
    for key in log console; do
        comments "$source" $key
        for pattern in "${texts[@]}"; do
            has_line_like "$work/$key" "$pattern" ||
                { wrong "no line of the $key is like: $pattern"; return 1; }
        done
    done
    on_host "$source" after || { wrong; return 1; }
}

run_script() { # KIND NAME SECONDS
    WORK=$scratch/$1-$2
    mkdir "$WORK"
    export WORK HOLDFAST_RUNTIME_DIR=$WORK/run NO_KVM=$no_kvm
    timeout "$3" bash "tests/$1/$2.sh"
}

run_system() {
    run_script system "$1" 180
}

run_guarantee() {
    run_script guarantee "$1" $((600 * ${SOAK:-1}))
}

run_ept() {
    run_script ept "$1" 600
}

run_libvirt() {
    run_script libvirt "$1" 300
}

run_linux() {
    run_script linux "$1" 900
}

run_debian() {
    run_script debian "$1" 1800
}

result() { # WORD KIND NAME REST: prints and counts it
    local line
    printf -v line '%-7s %-7s %s' "$1" "$2" "$3$4"
    echo "$line" >"$scratch/$2.$3.result"
    echo "$line"
}

one() { # KIND NAME
    local start=$EPOCHREALTIME code took output=$scratch/$1.$2.output
    "run_${1%-*}" "$2" >"$output" 2>&1 </dev/null
    code=$?
    took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
    case $code in
    0) result passed "$1" "$2" " ($took ms)" ;;
    77) result skipped "$1" "$2" ": $(tail -n 1 "$output")" ;;
    *)
        # One write, for others are printing, too.
        result FAILED "$1" "$2" " ($took ms, status $code)
$(sed 's/^/        | /' "$output" | tail -n 40)"
        ;;
    esac
}

list() { # KIND: with PART=I/N every Nth name, from the Ith on; with SELECTION those it names
    local files file name kind count=0 selected='*'
    case $1$inside in
    npt) for kind in ${vm_kinds[npt]}; do list "$kind"; done; return ;;
    ept)
        for kind in ${vm_kinds[ept]}; do inside=yes SELECTION=$ept_selection list "$kind"; done
        return
        ;;
    debian-*yes) ;;
    debian-*) inside=yes SELECTION=$debian_selection list "$1"; return ;;
    esac
    case $1 in
    unit) files=("$BUILD"/tests/unit/*) ;;
    tsan) files=("$BUILD"/tests/tsan/*) ;;
    fuzz) files=("$BUILD"/tests/fuzz/*) ;;
    guest) files=(tests/guest/*.c) ;;
    system) files=(tests/system/*.sh) ;;
    guarantee) files=(tests/guarantee/*.sh) ;;
    libvirt) files=(tests/libvirt/*.sh) ;;
    ept) files=(tests/ept/*.sh) ;;
    linux) files=(tests/linux/*.sh) ;;
    debian-*) files=(tests/debian/*.sh) ;;
    *)
        echo "tests/run.sh: $1: no such kind of test; unit, tsan, fuzz, guest, system, guarantee, libvirt, npt, ept, linux or debian" >&2
        exit 2
        ;;
    esac
    [ -z "${SELECTION:-}" ] || selected="@($(sed -n "s/^${1%-*} //p" "$SELECTION" | xargs | tr ' ' '|'))"
    for file in "${files[@]}"; do
        name=${file##*/}
        case $name in *.d|*-failed|'*'*) continue ;; esac
        name=${name%.c}; name=${name%.sh}
        # shellcheck disable=SC2254
        case $name in $only) ;; *) continue ;; esac
        # shellcheck disable=SC2254
        case $name in $selected) ;; *) continue ;; esac
        [ $((count++ % ${PART#*/})) -ne $((${PART%/*} - 1)) ] || echo "$name"
    done
}

PART=${PART:-1/1} inside=
! grep -qE 'holdfast-(test|debian)-vm' /proc/cmdline || inside=yes
only='*' kinds=() in_vms=()
while [ $# -gt 0 ]; do
    case $1 in
    only) only=${2:-*}; shift ;;
    npt) in_vms+=("$1") ;;
    debian) for release in $debian_releases; do in_vms+=("debian-$release"); done ;;
    linux | ept) if [ -n "$inside" ]; then kinds+=("$1"); else in_vms+=("$1"); fi ;;
    *) kinds+=("$1") ;;
    esac
    shift
done

wait_for_turn() {
    local running
    # To a file, which takes no other process.
    while jobs -rp >"$scratch/running" && mapfile -t running <"$scratch/running" &&
        [ "${#running[@]}" -ge "$jobs" ]; do wait -n; done
}
# In a process group of its own, so that an end of this script ends all of it.
start_in_vms() {
    [ ${#in_vms[@]} -gt 0 ] || return 0
    set -m
    parts_in_vms "${in_vms[@]}" &
    set +m
    vm_groups+=($!)
}
# One VM after the other beside the other tests; then as many at once as there are to be jobs.
start_in_vms
for kind in "${kinds[@]}"; do
    list "$kind" >"$scratch/names"
    mapfile -t names <"$scratch/names"
    [ "$kind" != guest ] || [ ${#names[@]} -eq 0 ] || mkdir "${names[@]/#/$scratch/guest-}"
    for name in "${names[@]}"; do
        wait_for_turn
        one "$kind" "$name" &
    done
done
while [ ${#in_vms[@]} -gt 0 ] && [ ${#vm_groups[@]} -lt "$jobs" ]; do
    wait_for_turn
    start_in_vms
done
wait
vm_groups=()

count() { find "$scratch" -name '*.result' -exec grep -hE "^$1 " {} + | wc -l; }
passed=$(count passed) failed=$(count FAILED) skipped=$(count skipped)
if [ "$failed" -gt 0 ]; then
    echo "failed:"
    find "$scratch" -name '*.result' -exec grep -hE '^FAILED ' {} + | sed 's/^FAILED/      /'
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$((passed + skipped))" -gt 0 ]
