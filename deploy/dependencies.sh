#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# dependencies.sh [build | tests | fuzz | analyze | test-vm | debian-vm | bench | releases ...]: installs
# the Debian packages that are missing of those that these need; without a word, those of build and tests.
#   build     the programs and the guests
#   tests     their tests
#   fuzz      what fuzzes guided by coverage; the tests do without
#   analyze   what looks for mistakes in the sources
#   test-vm   the test VM, and the Linux guests in it
#   debian-vm the Debian VM, and what makes its image
#   bench     what prints and draws the results of the benchmarks
#   releases  what makes roots of other Debian releases
set -eu
[ $# -gt 0 ] || set -- build tests
packages=()
emulator() {
    packages+=(qemu-system-x86 libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients cpio xz-utils)
    # Any busybox will do; the two packages exclude each other.
    command -v busybox >/dev/null || packages+=(busybox-static)
    # Debian 13 has virtlogd in a package of its own.
    ! apt-cache show libvirt-daemon-log >/dev/null 2>&1 || packages+=(libvirt-daemon-log)
}
for purpose; do
    case $purpose in
    build)
        packages+=(gcc make libc6-dev linux-libc-dev
            protobuf-compiler protobuf-c-compiler libprotobuf-c-dev libjansson-dev libncurses-dev
            libzydis-dev libbsd-dev libzstd-dev liblzma-dev libseccomp-dev pkg-config acpica-tools)
        ;;
    tests) packages+=(g++ libcmocka-dev clang-format jq python3 python3-clang man-db mandoc
            strace spin) ;;
    fuzz) packages+=(clang libclang-rt-dev llvm) ;;
    analyze) packages+=(gcc clang-tidy cppcheck) ;;
    test-vm)
        emulator
        # perl: the kernel's own checks of its modules' comments.
        packages+=(zstd lz4 libelf-dev e2fsprogs perl udev virtinst
            bochs bochs-term bochsbios seabios gcc python3)
        ;;
    debian-vm)
        emulator
        packages+=(mmdebstrap debian-archive-keyring qemu-utils e2fsprogs kmod zstd binutils)
        ;;
    bench) packages+=(python3 gnuplot-nox) ;;
    releases) packages+=(debootstrap) ;;
    *)
        echo "dependencies.sh: $purpose: no such purpose; build, tests, fuzz, analyze, test-vm, debian-vm, bench or releases" >&2
        exit 2
        ;;
    esac
done
# One at a time, as apt has it.
exec 9<"$0"
flock 9
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
# One repository of many that cannot be reached makes this fail, and need not have these packages.
$as_root apt-get -qq update || echo "not every list of packages could be renewed; trying all the same" >&2
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install \
    "${missing[@]}" >/dev/null
