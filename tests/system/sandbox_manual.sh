#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# holdfast-sandbox(7) lists the calls that the filters of each thread allow, with their reasons: what
# `holdfast-vmm --sandbox-list` prints, word by word.
set -u
page=deploy/man/holdfast-sandbox.7

# The list as it stands in the page.
"$BUILD/holdfast-vmm" --sandbox-list | awk '
    function end() { if (open) print ".El" }
    /^[^ ]/ { end(); print ".Ss " $0; print ".Bl -tag -width Ds -compact"; open = 1; next }
    { at = index($0, ": "); print ".It " substr($0, 3, at - 3); print toupper(substr($0, at + 2, 1)) substr($0, at + 3) "." }
    END { end() }' >"$WORK/list"
[ "$(grep -c '^\.It' "$WORK/list")" -gt 100 ] || { echo "hardly a call is listed"; exit 1; }
sed -n '/^\.Sh THE CALLS/,/^\.Sh [^T]/p' $page | grep -v '^\.Sh' >"$WORK/page"
diff "$WORK/list" "$WORK/page" >"$WORK/difference" && exit 0
echo "$page is not what the filters are made of (<: the filters, >: the page):"
cat "$WORK/difference"
exit 1
