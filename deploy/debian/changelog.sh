#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# changelog.sh TIME <CHANGELOG.md: debian/changelog, with an entry for each version there. What is not
# released has the version before with the TIME, in seconds since 1970, of the last commit, so that a
# later commit's package upgrades an earlier one's, and the next release's upgrades both.
set -eu
export LC_ALL=C
time=$1
maintainer=$(sed -n 's/^Maintainer: //p' "$(dirname "$0")/control")

entry() { # VERSION DATE
    printf 'holdfast (%s-1) unstable; urgency=medium\n\n' "$1"
    printf '  * %s\n\n' "See changelog.gz for what changes."
    printf ' -- %s  %s\n\n' "$maintainer" "$2"
}

versions=() dates=() unreleased=
while read -r version date; do
    case $version in
    Unreleased) unreleased=yes ;;
    *) versions+=("$version") dates+=("$date") ;;
    esac
done < <(sed -nE 's/^## \[([^]]+)\]( - ([0-9-]+))?$/\1 \3/p')
[ ${#versions[@]} -gt 0 ] || { echo "changelog.sh: no version in CHANGELOG.md" >&2; exit 1; }

[ -z "$unreleased" ] || entry "${versions[0]}+$(date -u -d "@$time" +%Y%m%d.%H%M%S)" "$(date -u -R -d "@$time")"
for i in "${!versions[@]}"; do
    entry "${versions[i]}" "$(date -u -R -d "${dates[i]}")"
done
