#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# In a root of its own: /srv/udev gets the release's udev, with all of its rules and those of the package,
# mkfs.ext4 and their libraries, under the paths that they have.
# shellcheck source=tests/packages/apt.bash
. /srv/tests/apt.bash
sources
install udev e2fsprogs
dpkg --unpack /srv/packages/holdfast-dkms_*.deb # DKMS is not needed here
mkdir -p /srv/udev
for program in udevadm mkfs.ext4; do
    path=$(type -P $program)
    mkdir -p /srv/udev/bin
    cp -L "$path" /srv/udev/bin/
    ldd "$path" | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | while read -r library; do
        cp -L --parents "$library" /srv/udev
    done
done
cp -rL --parents /usr/lib/udev/rules.d /etc/passwd /etc/group /srv/udev
[ -e /srv/udev/usr/lib/udev/rules.d/60-persistent-storage.rules ] || cp -rL --parents /lib/udev/rules.d /srv/udev
[ -n "$(find /srv/udev -name 60-persistent-storage.rules)" ] || fail "udev of $release has no rules"
[ -n "$(find /srv/udev -name 60-holdfast.rules)" ] || fail "the package has no rules for udev"
