#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No file of vmm/ needs another that needs it, by itself or by way of others: the symbols that their
# objects define and want tell, and tsort(1) puts them into an order if there is one.
set -u
objects=$BUILD/obj
[ -e "$objects/vmm/main.o" ] || { echo "$objects/vmm/main.o is missing: the VMM has not been built"; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/circles.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

# Of the sources that there are: an object may be left of one that is gone. Those of the client library
# are elsewhere.
find vmm -name '*.c' | sed "s|^|$objects/|; s|^$objects/vmm/client/|$BUILD/pic/vmm/client/|; s|c\$|o|" |
    xargs ls 2>/dev/null | xargs nm --print-file-name --extern-only |
    sed -E "s#^$BUILD/(obj|pic)/##; s#\.o: *#.c #" |
    awk '{ print $1, $(NF - 1), $NF }' >"$work/symbols"
awk '$2 != "U" { print $3, $1 }' "$work/symbols" | sort >"$work/defined"
awk '$2 == "U" { print $3, $1 }' "$work/symbols" | sort >"$work/wanted"
# tsort takes a pair of the same for a node without an order.
join -o 1.2,2.2 "$work/wanted" "$work/defined" >"$work/needs"
for room in client ctl; do
    grep -q "^vmm/$room/.* vmm/$room/" "$work/needs" || { echo "vmm/$room is left out"; exit 1; }
done
[ "$(wc -l <"$work/needs")" -gt 500 ] || { echo "too few needs were found for the whole of vmm/"; exit 1; }
tsort "$work/needs" 2>&1 >/dev/null | sed 's/^tsort: //; s/-: //' >"$work/circle"
[ ! -s "$work/circle" ] || { echo "these files need each other in a circle:"; cat "$work/circle"; exit 1; }
