#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fuzz.sh list | run TARGET SECONDS | keep TARGET: what `make fuzz` and `make fuzz-corpus` do with a
# target that was built with libFuzzer. Inputs that were found stay in build/fuzz/corpus/TARGET, and
# those that fail in build/fuzz/failed.
set -eu
cd "$(dirname "$0")/../../.."
BUILD=${BUILD:-build}

if [ "$1" = list ]; then
    echo "make fuzz TARGET=NAME SECONDS=60 runs one of these:"
    for file in tests/fuzz/*.c; do
        # What its first comment says, up to the first colon or full stop.
        text=$(sed -n '2,/\*\//s/^ \* *//p' "$file" | tr '\n' ' ' | sed 's/[:.].*//')
        printf '  %-14s %s\n' "$(basename "$file" .c)" "$text"
    done
    exit
fi

target=$2 program=$BUILD/fuzz/bin/$2
seeds=tests/fuzz/corpus/$target found=$BUILD/fuzz/corpus/$target failed=$BUILD/fuzz/failed
mkdir -p "$seeds" "$found" "$failed"
export CMOCKA_TEST_ABORT=1 ASAN_OPTIONS=${ASAN_OPTIONS:-}
# By the clock, and so in plenty: a busy host may stop a process for longer than any input takes.
limits=(-timeout=100 -rss_limit_mb=3072 -max_len=4096)

case $1 in
run)
    set +e
    "$program" -fork="$(nproc)" -max_total_time="$3" "${limits[@]}" -artifact_prefix="$failed/$target-" \
        "$found" "$seeds" 2>&1 | tee "$BUILD/fuzz/$target.log" | grep -E '^#|ERROR|SUMMARY|written to'
    code=${PIPESTATUS[0]}
    # "#EXECUTIONS: cov: EDGES ft: ... exec/s ... time: 60s"
    awk -v target="$target" '
        /^#[0-9]+: cov:/ { executions = substr($1, 2) + 0; covered = $3; inputs = $7
                           sub(/.* time: /, ""); seconds = $1 + 0 }
        END { printf "%s: %d executions in %d s, %d a second; %d edges covered, by %d inputs\n",
                     target, executions, seconds, (seconds > 0) ? executions / seconds : 0, covered, inputs }
    ' "$BUILD/fuzz/$target.log"
    exit "$code"
    ;;
keep)
    # The fewest that take every edge: how often each is taken would keep ten times as many.
    merged=$(mktemp -d "$BUILD/fuzz/merged.XXXXXX")
    "$program" -set_cover_merge=1 -use_counters=0 "${limits[@]}" "$merged" "$seeds" "$found" >"$BUILD/fuzz/$target.merge.log" 2>&1
    [ -n "$(ls "$merged")" ] || { echo "nothing was kept: see $BUILD/fuzz/$target.merge.log" >&2; exit 1; }
    rm -f "$seeds"/*
    mv "$merged"/* "$seeds/"
    rmdir "$merged"
    echo "$seeds: $(find "$seeds" -type f | wc -l) inputs, $(du -b -s "$seeds" | cut -f 1) bytes"
    ;;
esac
