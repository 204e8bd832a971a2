#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every C file looks as .clang-format says.
set -u
version=$(clang-format --version 2>/dev/null | sed 's/.*version \([0-9]*\).*/\1/')
# Other versions format a few things differently.
[ "$version" = 14 ] || { echo "clang-format 14 is not there (found: ${version:-none})"; exit 77; }

mapfile -t files < <(find guest include tests vmm -name '*.[ch]')
[ "${#files[@]}" -gt 50 ] || { echo "only ${#files[@]} C files found"; exit 1; }
clang-format --dry-run -Werror "${files[@]}" 2>&1 | grep 'error:' | sed 's/:.*//' | sort -u >"$WORK/wrong"
[ ! -s "$WORK/wrong" ] || {
    echo "not formatted; clang-format -i puts it right:"
    cat "$WORK/wrong"
    exit 1
}
