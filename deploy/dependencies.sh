#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that building and testing need, if any are missing; with the argument
# test-vm, those that the test VM needs, and the Linux guests in it.
set -eu
packages=(
    gcc g++ make pkg-config libc6-dev linux-libc-dev
    protobuf-c-compiler libprotobuf-c-dev libjansson-dev libncurses-dev libzydis-dev libbsd-dev
    libzstd-dev liblzma-dev acpica-tools
    libcmocka-dev clang-format jq python3 gnuplot-nox man-db
)
if [ "${1:-}" = test-vm ]; then
    packages=(qemu-system-x86 libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients cpio
        xz-utils zstd lz4 libelf-dev e2fsprogs udev)
    # Any busybox will do; the two packages exclude each other.
    command -v busybox >/dev/null || packages+=(busybox-static)
    # Debian 13 has virtlogd in a package of its own.
    ! apt-cache show libvirt-daemon-log >/dev/null 2>&1 || packages+=(libvirt-daemon-log)
fi
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
        missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "these packages are missing and sudo is not there to install them: ${missing[*]}" >&2
        exit 1
    }
    as_root=sudo
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
    "${missing[@]}" >/dev/null
