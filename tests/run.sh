#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs tests in parallel and closes with "N passed, N failed, N skipped".
#   tests/run.sh unit|guest|system ... [only PATTERN]
# unit:   build/tests/unit/*, programs
# guest:  build/tests/guest/*.elf, each booted by the sanitized VMM; comments in its source say how:
#           /* vm: options */        options of holdfast-vmm (default: none)
#           /* exit: N */            the VMM's exit status (default: 0)
#           /* log: REGEX */         the VMM's log has a line like this
#           /* console: REGEX */     the console has a line like this
#           /* before: command */    first, on the host; files belong in "$work"
#           /* after: command */     must succeed when the VM has ended
#         each may be given several times
# system: tests/system/*.sh; exit 77 is a skip, the last line says why
set -u
cd "$(dirname "$0")/.."
export BUILD=${BUILD:-build} LC_ALL=C.UTF-8
jobs=${JOBS:-$(nproc)}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

no_kvm=
if ! : 2>/dev/null <>/dev/kvm; then
    no_kvm="/dev/kvm cannot be opened"
fi

comment() { # FILE KEY: the texts of the comments "KEY: text"
    sed -n "s|^ *[/ ]\* *$2: *\(.*[^ ]\) *\*/.*|\1|p" "$1"
}

on_host() { # FILE KEY: runs the commands of these comments; the first that fails is named
    local command
    while read -r command; do
        eval "$command" </dev/null || { echo "failed: $command"; return 1; }
    done < <(comment "$1" "$2")
}

run_unit() {
    timeout 120 "$BUILD/tests/unit/$1"
}

run_guest() { # NAME; prints what went wrong
    local name=$1 source=tests/guest/$1.c work=$scratch/guest-$1 wanted code pattern
    [ -z "$no_kvm" ] || { echo "$no_kvm"; return 77; }
    mkdir "$work"
    local options=()
    on_host "$source" before || return 1
    eval "options=($(comment "$source" vm))"
    HOLDFAST_RUNTIME_DIR=$work/run timeout 60 "$BUILD/san/holdfast-vmm" --name "$name" \
        --kernel "$BUILD/tests/guest/$name.elf" "${options[@]}" \
        >"$work/console" 2>"$work/log" </dev/null
    code=$?
    cat "$work/console" "$work/log"
    wanted=$(comment "$source" exit)
    [ "$code" = "${wanted:-0}" ] || { echo "exit status $code, wanted ${wanted:-0}"; return 1; }
    for key in log console; do
        while read -r pattern; do
            grep -qE -- "$pattern" "$work/$key" ||
                { echo "no line of the $key is like: $pattern"; return 1; }
        done < <(comment "$source" $key)
    done
    on_host "$source" after
}

run_system() {
    WORK=$scratch/system-$1
    mkdir "$WORK"
    export WORK HOLDFAST_RUNTIME_DIR=$WORK/run NO_KVM=$no_kvm
    timeout 180 bash "tests/system/$1.sh"
}

one() { # KIND NAME
    local start=$EPOCHREALTIME code took output=$scratch/$1.$2.output
    "run_$1" "$2" >"$output" 2>&1 </dev/null
    code=$?
    took=$(((${EPOCHREALTIME/./} - ${start/./}) / 1000))
    case $code in
    0) printf 'passed  %-7s %s (%d ms)\n' "$1" "$2" "$took" ;;
    77) printf 'skipped %-7s %s: %s\n' "$1" "$2" "$(tail -n 1 "$output")" ;;
    *)
        printf 'FAILED  %-7s %s (%d ms, status %d)\n' "$1" "$2" "$took" "$code"
        sed 's/^/        | /' "$output" | tail -n 40
        ;;
    esac >"$scratch/$1.$2.result"
    cat "$scratch/$1.$2.result"
}

list() {
    case $1 in
    unit) files=("$BUILD"/tests/unit/*) ;;
    guest) files=(tests/guest/*.c) ;;
    system) files=(tests/system/*.sh) ;;
    *) echo "tests/run.sh: $1: no such kind of test; unit, guest or system" >&2; exit 2 ;;
    esac
    for file in "${files[@]}"; do
        name=$(basename "$file")
        case $name in *.d|'*'*) continue ;; esac
        name=${name%.c}; name=${name%.sh}
        # shellcheck disable=SC2254
        case $name in $only) echo "$name" ;; esac
    done
}

only='*' kinds=()
while [ $# -gt 0 ]; do
    if [ "$1" = only ]; then only=${2:-*}; shift; else kinds+=("$1"); fi
    shift
done

for kind in "${kinds[@]}"; do
    for name in $(list "$kind"); do
        while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
        one "$kind" "$name" &
    done
done
wait

count() { find "$scratch" -name '*.result' -exec grep -hE "^$1 " {} + | wc -l; }
passed=$(count passed) failed=$(count FAILED) skipped=$(count skipped)
if [ "$failed" -gt 0 ]; then
    echo "failed:"
    find "$scratch" -name '*.result' -exec grep -hE '^FAILED ' {} + | sed 's/^FAILED/      /'
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$((passed + skipped))" -gt 0 ]
