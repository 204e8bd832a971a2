#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [MODEL ...]: has spin look at every order in which the processes of these models can run; of all
# of tests/models/*.pml, if none is named. A model says at its head what it mirrors, what must hold, and
# which mistakes it knows: with each, MISTAKE=N, something must no longer hold. A line for each tells
# what came of it. MISTAKES=0 leaves the mistakes out. Exit status 77 if spin or gcc is not there.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8
for tool in spin gcc; do
    command -v $tool >/dev/null || { echo "no models: $tool is not installed"; exit 77; }
done
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
began=$SECONDS failed=0 held=0 found=0
memory=2000 # MiB at most

# look MODEL MISTAKE [OPTION...]: writes what pan says to $scratch/log; its count of errors, or "none told".
look() {
    local model=$PWD/tests/models/$1.pml mistake=$2 with=()
    shift 2
    if [ $# -eq 0 ]; then with=(-DSAFETY -DNOCLAIM); else with=(-DNFAIR=3); fi
    rm -rf "$scratch/pan" && mkdir "$scratch/pan"
    (
        cd "$scratch/pan" || exit
        spin -a -DMISTAKE="$mistake" "$model" && gcc -O1 -w -DCOLLAPSE -DMEMLIM=$memory "${with[@]}" -o pan pan.c &&
            ./pan -n -m100000 "$@"
    ) >"$scratch/log" 2>&1
    ! grep -qE 'max search depth too small|out of memory|memory limit' "$scratch/log" || { echo "not finished"; return; }
    grep -oE 'errors: [0-9]+' "$scratch/log" || echo "none told"
}

say() { # RESULT MODEL TEXT
    printf '%-8s %-12s %s\n' "$@"
    [ "$1" != FAILED ] || { failed=$((failed + 1)); tail -n 20 "$scratch/log"; }
}

states() { grep -oE '[0-9.e+]+ states, stored' "$scratch/log" | sed 's/ states.*//'; }

[ $# -gt 0 ] || set -- $(cd tests/models && ls *.pml | sed 's/\.pml$//')
for model; do
    start=$SECONDS
    told=$(look "$model" 0)
    if [ "$told" = "errors: 0" ] && grep -q '^ltl ' "tests/models/$model.pml"; then
        seen=$(states)
        told=$(look "$model" 0 -a -f)
    else
        seen=$(states)
    fi
    if [ "$told" = "errors: 0" ]; then
        held=$((held + 1))
        say holds "$model" "in all $seen states ($((SECONDS - start)) s)"
    else
        say FAILED "$model" "$told"
    fi
    [ "${MISTAKES:-1}" = 1 ] || continue
    mistakes=$(grep -oE 'MISTAKE [!=]= [0-9]+' "tests/models/$model.pml" | grep -oE '[0-9]+' | sort -un)
    [ -n "$mistakes" ] || say FAILED "$model" "has no mistake that it would find"
    for mistake in $mistakes; do
        told=$(look "$model" "$mistake")
        case $told in
        "errors: "[1-9]*)
            found=$((found + 1))
            say found "$model" "mistake $mistake: $(grep -oE '^pan:1: [^(]*.*' "$scratch/log" | head -n 1 | sed 's/^pan:1: //' | cut -c 1-80)"
            ;;
        *) say FAILED "$model" "mistake $mistake is not found: $told" ;;
        esac
    done
done
echo "$held models hold, $found mistakes found, $failed failed in $((SECONDS - began)) s"
[ "$failed" -eq 0 ] && [ "$held" -gt 0 ]
