#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Copies the libraries that the programs of $BUILD need, but for the C library, to
# $BUILD/debian/libraries: another release of Debian has them only in other versions.
set -eu
mkdir -p "$BUILD/debian/libraries"
ldd "$BUILD/holdfast-vmm" "$BUILD/holdfastctl" | sed -n 's|.* => \(/[^ ]*\) (0x.*|\1|p' | sort -u |
    grep -vE '/lib(c|m|pthread)\.so' | xargs cp -L -t "$BUILD/debian/libraries"
