#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [NAME ...]: proves what the folders beside this file claim, by CBMC; all of them, if none is
# named. A line for each proof tells what it holds for and what it took. Comments at the head of
# NAME/harness.c say how:
#   /* holds: what */       for which inputs and up to which sizes the claims are proved
#   /* options: options */  of CBMC: how often loops are unwound, for example
# A line "FILE EXPRESSION" of NAME/mistakes is a change to the code, as sed -E has it, with which a claim
# must fail. MISTAKES=1 makes each in a copy of the code and looks whether the proof then fails.
# Exit status 77 if there is no CBMC.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BUILD=${BUILD:-build} LC_ALL=C.UTF-8
jobs=${JOBS:-$(nproc)}
tools=$(tests/proofs/cbmc.sh) || { echo "no proofs: CBMC is not to be had"; exit 77; }
export PATH=$PATH:$tools
scratch=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$scratch"' EXIT
began=$SECONDS
# Bodies and pointers are checked by default.
checks=(--unwinding-assertions --drop-unused-functions --slice-formula)

comments() { # FILE KEY: the texts of the comments "KEY: text" before any code
    sed -n "/^[^ /]/q; s|^ *[/ ]\\* *$2: *\\(.*[^ ]\\) *\\*/|\\1|p" "$1"
}

# TREE NAME LOG [CLAIM]: CBMC's own status: 0, 10 if a claim does not hold, another if it cannot tell.
cbmc_on() {
    local options
    read -ra options <<<"$(comments "tests/proofs/$2/harness.c" options | xargs)"
    (
        cd "$1" && timeout "${SECONDS_MOST:-600}" "$tools/cbmc" "tests/proofs/$2/harness.c" --function harness \
            -I. -Iinclude -D_GNU_SOURCE "${checks[@]}" "${options[@]}"
    ) >"$3" 2>&1
}

failures() { # LOG: the claims that do not hold, the expected one left out
    grep -E ': FAILURE$' "$1" | grep -v ' reached: FAILURE$'
}

say() { # RESULT NAME SECONDS TEXT
    printf '%-8s %-24s %6s s  %s\n' "$1" "$2" "$3" "$4" | tee "$scratch/$2.$BASHPID.line"
}

seconds_since() { # MOMENT
    local tenths=$(((${EPOCHREALTIME/./} - ${1/./}) / 100000))
    echo "$((tenths / 10)).$((tenths % 10))"
}

prove() { # NAME
    local log=$scratch/$1.log start=$EPOCHREALTIME status
    cbmc_on . "$1" "$log"
    status=$?
    # Every harness has one claim that is false: an assumption that excludes everything proves nothing.
    if [ $status -eq 10 ] && [ -z "$(failures "$log")" ]; then
        say proved "$1" "$(seconds_since "$start")" "$(comments "tests/proofs/$1/harness.c" holds)"
    else
        say FAILED "$1" "$(seconds_since "$start")" "CBMC ends with $status: $({ failures "$log"; tail -n 3 "$log"; } | head -n 20)"
    fi
}

try_mistake() { # NAME NUMBER FILE EXPRESSION
    local tree=$scratch/$1.$2 start=$EPOCHREALTIME log=$scratch/$1.$2.log
    mkdir "$tree"
    cp -r vmm include "$tree/" && mkdir "$tree/tests" && cp -r tests/proofs "$tree/tests/"
    sed -i -E "$4" "$tree/$3"
    if cmp -s "$3" "$tree/$3"; then
        say FAILED "$1" 0 "mistake $2 changes nothing in $3: $4"
    elif cbmc_on "$tree" "$1" "$log"; [ $? -eq 10 ] && [ -n "$(failures "$log")" ]; then
        say found "$1" "$(seconds_since "$start")" "mistake $2: $4"
    else
        say FAILED "$1" "$(seconds_since "$start")" "mistake $2 is not found: $4: $(tail -n 3 "$log")"
    fi
    rm -rf "$tree"
}

wait_for_turn() {
    local running
    while running=($(jobs -rp)) && [ "${#running[@]}" -ge "$jobs" ]; do wait -n; done
}

[ $# -gt 0 ] || set -- $(cd tests/proofs && ls -d */ | tr -d /)
for name; do
    harness=tests/proofs/$name/harness.c
    [ -e "$harness" ] || { echo "run.sh: $name: there is no $harness" >&2; exit 2; }
    wait_for_turn
    prove "$name" &
    [ "${MISTAKES:-}" = 1 ] || continue
    number=0
    while IFS= read -r mistake; do
        wait_for_turn
        number=$((number + 1))
        try_mistake "$name" $number "${mistake%% *}" "${mistake#* }" &
    done < <(grep -v '^#' "tests/proofs/$name/mistakes")
    [ $number -gt 0 ] || say FAILED "$name" 0 "has no mistake that it would find"
done
wait
count() { cat "$scratch"/*.line | grep -c "^$1 "; }
echo "$(count proved) proved, $(count found) mistakes found, $(count FAILED) failed in $((SECONDS - began)) s"
[ "$(count FAILED)" -eq 0 ] && [ "$(count proved)" -gt 0 ]
