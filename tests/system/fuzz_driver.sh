#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What runs the fuzz targets in make check tells of a target that fails: by an assertion, by a
# sanitizer, or not at all for lack of a corpus; and it keeps the input, which then fails again.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
cat >"$WORK/target.c" <<'END'
#include "tests/fuzz/target.h"
#include <stdlib.h>
#include <string.h>
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size > 0 && memchr(bytes, 'A', size) != NULL)
        abort();
    if (size > 0 && bytes[0] == 'B')
        *(volatile uint8_t *)(bytes + size); /* one byte too far */
    return 0;
}
END
read -ra compiler <<<"${CC:-cc}"
"${compiler[@]}" -std=gnu11 -O1 -I. -fsanitize=address,undefined -fno-sanitize-recover=all -o "$WORK/target" \
    "$WORK/target.c" tests/fuzz/driver/replay.c || exit 1
export HOLDFAST_SECONDS=0
try() { # FOLDER
    "$WORK/target" "$1" >"$WORK/output" 2>&1
}
mkdir "$WORK/whole" "$WORK/asserts" "$WORK/reads"
printf 'fine' >"$WORK/whole/a"
cp "$WORK/whole/a" "$WORK/asserts/a"
cp "$WORK/whole/a" "$WORK/reads/a"
printf 'beAd' >"$WORK/asserts/b"
printf 'Bad' >"$WORK/reads/b"

try "$WORK/whole" || complain "a target that works fails: $(cat "$WORK/output")"
grep -q '^1 inputs replayed' "$WORK/output" || complain "the input was not tried: $(cat "$WORK/output")"
for kind in asserts reads; do
    rm -f "$WORK/target-failed"
    ! try "$WORK/$kind" || complain "$kind: passes"
    grep -q "is in $WORK/target-failed" "$WORK/output" || complain "$kind: the input is not named: $(cat "$WORK/output")"
    cmp "$WORK/target-failed" "$WORK/$kind/b" || complain "$kind: another input is kept"
    ! try "$WORK/target-failed" || complain "$kind: passes when it is tried again"
done
! try "$WORK/none" || complain "a corpus that is missing is no failure"
# By chance alone it comes upon one of these soon.
HOLDFAST_SECONDS=20 try "$WORK/whole" && complain "no input that fails was made in 20 s"

# Each target has a corpus, and each corpus a target.
diff <(for file in tests/fuzz/*.c; do basename "$file" .c; done) <(ls tests/fuzz/corpus) ||
    complain "tests/fuzz/*.c and tests/fuzz/corpus/ are not the same"
[ "$failed" -eq 0 ]
