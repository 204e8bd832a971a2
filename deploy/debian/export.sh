#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# export.sh DIRECTORY: puts the tree into DIRECTORY as it would be committed, without what was built in
# it, with debian/ as dpkg-buildpackage(1) wants it. The same tree gives the same packages: all times are
# that of the last commit, or SOURCE_DATE_EPOCH. May fail, and says why, where git does not know the tree.
set -eu
cd "$(dirname "$0")/../.."
[ $# -eq 1 ] || { echo "usage: export.sh DIRECTORY" >&2; exit 2; }
to=$1
git rev-parse --is-inside-work-tree >/dev/null 2>&1 ||
    { echo "export.sh: $PWD is not in git, which knows what belongs to the tree" >&2; exit 1; }
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}

rm -rf "$to"
mkdir -p "$to"
git ls-files -z --cached --others --exclude-standard |
    tar --null --files-from - --ignore-failed-read -c 2>/dev/null | tar -x -C "$to"
cp -r "$to/deploy/debian" "$to/debian"
rm "$to"/debian/*.sh
mkdir "$to/debian/source"
echo '3.0 (quilt)' >"$to/debian/source/format"
deploy/debian/changelog.sh "$time" <CHANGELOG.md >"$to/debian/changelog"
find "$to" -exec touch -h -d "@$time" {} +
