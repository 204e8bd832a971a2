#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each header compiles by itself: the public ones as C11 and C++11 with all warnings, twice in one
# file, as are those for kernels and guests of one's own; the others as C11. abi.h needs no other header of the project.
set -u
strict=(-fsyntax-only -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion
    -Wundef -Wpointer-arith)
own=(-std=c11 -fsyntax-only -Wall -Wextra -Werror -Wmissing-prototypes -D_GNU_SOURCE -I. -Iinclude
    "-I$BUILD/proto")
failed=0
# Of several words, as in "ccache gcc".
read -ra compiler <<<"${CC:-cc}"

compile() { # LANGUAGE HEADER OPTION...
    printf '#include "%s"\n#include "%s"\nextern int not_empty;\n' "$2" "$2" |
        "${compiler[@]}" "${@:3}" -x "$1" - 2>"$WORK/errors" && return
    failed=$((failed + 1))
    echo "$2 does not compile alone, as $1:"
    sed 's/^/    /' "$WORK/errors" | head -n 5
}

mapfile -t public < <(cd include && find holdfast -name '*.h' | sort)
[ "${#public[@]}" -ge 3 ] || { echo "only ${#public[@]} public headers found"; exit 1; }
for header in "${public[@]}"; do
    compile c "$header" -std=c11 -Iinclude "${strict[@]}" -Wstrict-prototypes
    compile c++ "$header" -std=c++11 -Iinclude "${strict[@]}"
done

mkdir "$WORK/alone"
cp include/holdfast/abi.h "$WORK/alone/"
compile c abi.h -std=c11 "-I$WORK/alone" "${strict[@]}"
for header in nano/nano.h lib/platform.h; do
    compile c $header -std=c11 -Iguest -Iinclude -ffreestanding "${strict[@]}" -Wstrict-prototypes
    compile c++ $header -std=c++11 -Iguest -Iinclude -ffreestanding "${strict[@]}"
done

# Those of the kernel modules need a kernel's headers.
for header in $(find vmm guest -path guest/linux -prune -o -name '*.h' -print | sort); do
    compile c "$header" "${own[@]}" "-I$(dirname "$header")"
done
[ "$failed" -eq 0 ]
