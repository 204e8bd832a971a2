#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the models of the VMM's protocols claim holds in every order of events; that they find the
# mistakes which are made in them on purpose, make model shows. The harnesses of the proofs can be read by the compiler, and the
# mistakes that they are to find are still mistakes in the code: CBMC itself is not asked here.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}

# ---- proofs ----

read -ra compiler <<<"${CC:-cc}"
for harness in tests/proofs/*/harness.c; do
    name=$(basename "$(dirname "$harness")")
    read -ra defines <<<"$(sed -n 's|^/\* options: \(.*\) \*/|\1|p' "$harness" | grep -oE -e '-D[^ ]+' | xargs)"
    "${compiler[@]}" -std=c11 -fsyntax-only -Wall -Wextra -Werror -Wno-unused-function -Wno-type-limits -D_GNU_SOURCE \
        -I. -Iinclude "${defines[@]}" "$harness" 2>"$WORK/errors" ||
        complain "$harness: $(head -n 5 "$WORK/errors")"
    grep -q '^/\* holds: .* \*/$' "$harness" || complain "$harness does not say in one line what its claims hold for"
    grep -q "$name" tests/proofs/README.md || complain "tests/proofs/README.md does not have $name"
    [ "$(grep -vc '^#' "tests/proofs/$name/mistakes")" -gt 0 ] || complain "$name has no mistake that it would find"
    while IFS= read -r mistake; do
        file=${mistake%% *}
        sed -E "${mistake#* }" "$file" >"$WORK/changed" || complain "$name: not for sed: $mistake"
        ! cmp -s "$file" "$WORK/changed" || complain "$name: this changes nothing: $mistake"
    done < <(grep -v '^#' "tests/proofs/$name/mistakes")
done

# ---- models ----

for model in tests/models/*.pml; do
    grep -qF "$(basename "$model" .pml)" tests/models/README.md || complain "tests/models/README.md does not have $model"
    # What a model mirrors is still there.
    for word in $(sed -n '1,/\*\//p' "$model" | grep -oE '[a-z_]+\(\)' | tr -d '()' | sort -u); do
        grep -rqw "$word" vmm --include='*.c' || complain "$model mirrors $word(), which is not there any more"
    done
done
command -v spin >/dev/null || {
    [ "$failed" -eq 0 ] || exit 1
    echo "spin is not installed"
    exit 77
}
MISTAKES=0 tests/models/run.sh >"$WORK/told" 2>&1 || complain "$(cat "$WORK/told")"
tail -n 1 "$WORK/told"
[ "$failed" -eq 0 ]
