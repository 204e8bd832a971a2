#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fetch.sh: fetches Debian's Prometheus for the tests, unpacked under build/prometheus and not installed, for
# an installed one would start as a service. Where it is installed, or was fetched, nothing is done. May fail,
# and says why.
set -eu
cd "$(dirname "$0")/../.."
to=$PWD/${BUILD:-build}/prometheus
! type -P prometheus promtool >/dev/null || exit 0
[ ! -x "$to/usr/bin/prometheus" ] || exit 0
mkdir -p "$to"
new=$(mktemp -d "$to/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
(cd "$new" && apt-get -qq download prometheus) || { echo "Prometheus cannot be fetched: its test is skipped" >&2; exit 1; }
dpkg-deb -x "$new"/prometheus_*.deb "$new/root"
rm -rf "${to:?}/usr"
mv "$new/root/usr" "$to/usr"
