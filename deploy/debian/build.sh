#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# build.sh [--reuse] [OUT]: builds the Debian packages from an export of the tree, for the release of
# Debian that this machine runs, into OUT, build/deb if it is not said; what dpkg-buildpackage printed is in
# OUT/log. With --reuse, for a test of the packaging, what is built in the tree is not compiled again: the
# programs lack the compiler's options that Debian's packages have. May fail, and says why, where a
# package that the build needs is missing; deploy/dependencies.sh build deb installs them.
set -eu
cd "$(dirname "$0")/../.."
reuse=
[ "${1:-}" != --reuse ] || { reuse=yes; shift; }
out=${1:-${BUILD:-build}/deb}
mkdir -p "$out"
out=$(realpath "$out")
rm -f "$out"/*.{deb,changes,buildinfo}

work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
deploy/debian/export.sh "$work/holdfast"
# Of the make that called this one the jobs cannot be had.
unset MAKEFLAGS MFLAGS MAKELEVEL
options=()
if [ -n "$reuse" ]; then
    mkdir "$work/holdfast/build"
    for part in "${BUILD:-build}"/{acpi,proto,obj,pic,guest,guest-obj,lib*.a,lib*.so.*,holdfast-*,holdfastctl}; do
        [ ! -e "$part" ] || cp -r "$part" "$work/holdfast/build/"
    done
    # Newer than all sources, and of one time.
    find "$work/holdfast/build" -exec touch -d "@$(date +%s)" {} +
    options=(-nc)
    export DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS:-}"
fi
(cd "$work/holdfast" && dpkg-buildpackage -us -uc -b "${options[@]}") >"$out/log" 2>&1 || {
    tail -n 30 "$out/log" >&2
    echo "build.sh: the packages are not built; all of it is in $out/log" >&2
    exit 1
}
mv "$work"/*.{deb,changes,buildinfo} "$out/"
