#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The words that have a sense of their own in the VMM are in one list, which each room's header
# names, and the list has none that is no longer used.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}

list=vmm/WORDS.md
mapfile -t words < <(sed -n 's/^| \([a-z]*\) | .*/\1/p' "$list" | grep -vx word)
[ "${#words[@]}" -gt 10 ] || complain "$list has hardly a word"
[ "$(printf '%s\n' "${words[@]}")" = "$(printf '%s\n' "${words[@]}" | sort -u)" ] ||
    complain "$list is not in the order of the alphabet, or has a word twice"
for word in "${words[@]}"; do
    grep -rqwE --include='*.[ch]' "${word}s?" vmm ||
        complain "$list explains $word, which no file of vmm uses"
done

for room in vmm/*/; do
    grep -qF "$list" "$room"*.h || complain "no header of ${room%/} names $list"
done
[ "$failed" -eq 0 ]
