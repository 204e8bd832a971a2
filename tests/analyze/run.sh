#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh [FILE.c ...]: looks for mistakes in the sources of the VMM, the CLI and the guest library by gcc's
# -fanalyzer, clang-tidy and cppcheck, each where it is installed. Fails if one of them finds something
# that is not excepted where it stands:
#   gcc         a comment "fanalyzer: WHY" in the line or the one before
#   clang-tidy  a comment "NOLINT(CHECK): WHY"; tests/analyze/clang-tidy says which checks
#   cppcheck    a comment "cppcheck-suppress ID ; WHY" in the line before
# The headers that the build makes must be there.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
jobs=${JOBS:-$(nproc)}
flags=(-I. -Iinclude "-I$BUILD/proto" "-I$BUILD/acpi" -D_GNU_SOURCE '-DHOLDFAST_VERSION="0"')
if [ $# -eq 0 ]; then
    mapfile -t sources < <(find vmm guest/lib -name '*.c' | sort)
    set -- "${sources[@]}"
fi
scratch=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$scratch"' EXIT

has() { # TOOL
    command -v "$1" >/dev/null || { echo "skipped  $1: it is not installed"; return 1; }
}

# Of lines "FILE:LINE: ...", those that are not excepted.
not_excepted() { # WORD
    local file line rest
    while IFS=: read -r file line rest; do
        sed -n "$((line > 1 ? line - 1 : 1)),${line}p" "$file" | grep -qF "$1: " || echo "$file:$line:$rest"
    done
}

tell() { # TOOL FILES: of $scratch/findings
    ran=1
    if [ -s "$scratch/findings" ]; then
        echo "FAILED   $1: $(wc -l <"$scratch/findings") findings in $2 files"
        sed 's/^/         /' "$scratch/findings"
        failed=1
    else
        echo "passed   $1: nothing in $2 files"
    fi
}

# Runs a tool on each file by itself.
each() { # COMMAND ... -- FILE ...: the words before -- come before the file
    local words=()
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    printf '%s\0' "$@" | xargs -0 -n 1 -P "$jobs" "${words[@]}" 2>&1
}

findings() {
    grep -E '^[^ :]+:[0-9]+:.* (warning|error|style|performance|portability):' | sort -u
}

failed=0 ran=0
if has gcc; then
    each gcc "${flags[@]}" -std=c11 -O2 -pthread -fanalyzer -fdiagnostics-plain-output -c -o /dev/null -- "$@" |
        findings | not_excepted fanalyzer >"$scratch/findings"
    tell "gcc -fanalyzer" $#
fi
if has clang-tidy; then
    # shellcheck disable=SC2016 # for the bash that is started
    each bash -c 'clang-tidy --quiet --config-file=tests/analyze/clang-tidy "${@: -1}" -- "${@:1:$#-1}"' - \
        "${flags[@]}" -std=gnu11 -- "$@" | sed "s|^$PWD/||" | findings >"$scratch/findings"
    tell clang-tidy $#
fi
if has cppcheck; then
    # A macro of a header that it does not read makes trees; what the build makes is not ours; and it takes a
    # structure that a function is to fill in for one that is read.
    cppcheck --quiet -j "$jobs" --std=c11 --enable=warning,portability,performance --inline-suppr \
        '-DRB_GENERATE_INTERNAL(a,b,c,d,e)=' --suppress="*:$BUILD/*" --suppress=ctuuninitvar --suppress=ctuArrayIndex \
        --template='{file}:{line}: {severity}: {message} [{id}]' "${flags[@]}" "$@" 2>&1 |
        findings >"$scratch/findings"
    tell cppcheck $#
fi
[ $ran -eq 1 ] && [ $failed -eq 0 ]
