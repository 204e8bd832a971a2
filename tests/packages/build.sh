#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a root: builds the packages from two exports of the tree, in different places, languages and time
# zones, and compares them; has lintian look at them; and makes /srv/next, the same with a higher version.
# shellcheck source=tests/packages/apt.bash
. /srv/tests/apt.bash
sources
install build-essential lintian
apt-get -qq -y --no-install-recommends build-dep /srv/first/holdfast

build() { # DIRECTORY
    cd "$1/holdfast"
    dpkg-buildpackage -us -uc -b || fail "the packages are not built"
    cd "$1"
    sha256sum ./*.deb
}
(build /srv/first) | tee /srv/first.log
(export TZ=Pacific/Chatham LC_ALL=C; umask 027; build /srv/in/another/place) | tee /srv/second.log
cd /srv/first
built=(*.deb)
[ ${#built[@]} -ge 3 ] || fail "hardly a package was built"
for deb in "${built[@]}"; do
    cmp "$deb" "/srv/in/another/place/$deb" || fail "built twice, $deb is not the same"
done
echo "figure: ${#built[@]} packages, reproducible"

# A user of its own, for lintian warns root. All tags are shown, and those of errors and warnings count.
chmod -R go+rX /srv/first
setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/tmp lintian --fail-on error,warning ./*.changes

mkdir -p /srv/packages /srv/next
mv ./*.deb /srv/packages/
for deb in /srv/packages/*.deb; do
    [[ $deb != *-dbgsym_* ]] || continue
    rm -rf /srv/work
    dpkg-deb -R "$deb" /srv/work
    sed -i -E 's/^(Version: .*)$/\1.1/; /^(Pre-)?Depends:/s/(holdfast[^ ]* \(= [^)]*)\)/\1.1)/g' /srv/work/DEBIAN/control
    dpkg-deb --root-owner-group -b /srv/work /srv/next/ >/dev/null
done
rm -rf /srv/work
