#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each file that make install installs is in one Debian package, and in no two; lintian finds nothing in
# the packages that is not explained; a later commit's packages have a higher version, and the next
# release's an even higher one. tests/packages has what takes a Debian to install them on.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
for tool in dpkg-buildpackage dh dh_dkms lintian; do
    command -v $tool >/dev/null || { echo "$tool is not installed; deploy/dependencies.sh deb does it"; exit 77; }
done
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "this tree is not in git"; exit 77; }
unset MAKEFLAGS MFLAGS MAKELEVEL

deploy/debian/build.sh --reuse "$WORK/deb" >"$WORK/output" 2>&1 || { cat "$WORK/output"; exit 1; }
! grep -qE '^ *[a-z ]*cc .* -c -o' "$WORK/deb/log" || complain "the VMM was compiled again"
for deb in "$WORK/deb"/*.deb; do
    [[ $deb == *-dbgsym_* ]] || dpkg-deb -c "$deb" | awk '$1 ~ /^[-l]/ { sub("^\\.", "", $6); print $6 }'
done | sort >"$WORK/packed"
uniq -d "$WORK/packed" | grep . && complain "these are in two packages"
# What is installed but the license, and compressed or moved as Debian wants it.
make -s B="$BUILD" install DESTDIR="$WORK/to" PREFIX=/usr >/dev/null 2>&1 || complain "make install fails"
[ "$(cd "$WORK/to" && find . -type f | wc -l)" -gt 60 ] || complain "make install installs hardly a file"
(cd "$WORK/to" && find . -type f ! -name LICENSE ! -name CHANGELOG.md) | sed 's|.*/||' | sort -u >"$WORK/wanted"
sed 's|.*/||; s|\.gz$||' "$WORK/packed" | sort -u | comm -13 - "$WORK/wanted" | grep . && complain "no package has these"

chmod -R go+rX "$WORK" # lintian warns root, and so is run by another
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent)
[ "$(id -u)" -eq 0 ] && "${as_nobody[@]}" test -r "$WORK/deb/log" || as_nobody=()
"${as_nobody[@]}" lintian --fail-on error,warning "$WORK/deb"/*.changes >"$WORK/output" 2>&1 ||
    complain "lintian: $(cat "$WORK/output")"

# ---- versions ----

version() { # TIME: of what stands in standard input
    deploy/debian/changelog.sh "$1" | sed -n '1s/^holdfast (\(.*\)) .*/\1/p'
}
unreleased=$'## [Unreleased]\n## [1.2.0] - 2026-01-31\n## [1.1.0] - 2026-01-01\n'
released=$(version 1800000000 <<<"${unreleased#*$'\n'}")
[ "$released" = 1.2.0-1 ] || complain "1.2.0 has the version $released"
earlier=$(version 1800000000 <<<"$unreleased")
later=$(version 1800000001 <<<"$unreleased")
next=$(version 1700000000 <<<'## [1.2.1] - 2026-02-01')
for pair in "$released $earlier" "$earlier $later" "$later $next"; do
    dpkg --compare-versions "${pair% *}" lt "${pair#* }" || complain "${pair#* } does not upgrade ${pair% *}"
done
[ "$(version 1800000000 <CHANGELOG.md)" != "" ] || complain "CHANGELOG.md has no version"
[ "$failed" -eq 0 ]
