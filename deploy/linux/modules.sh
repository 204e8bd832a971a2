#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# modules.sh KERNEL: builds guest/linux, and the tests' module beside it, for one of Debian's kernels,
# which it fetches if need be, as build/linux/KERNEL/modules/*.ko.
set -eu
cd "$(dirname "$0")/../.."
kernel=$1
directory=${BUILD:-build}/linux/$kernel
deploy/linux/kernels.sh "$kernel"

# In a copy, for Kbuild writes beside the sources.
copy=$directory/modules.d
rm -rf "$directory"/modules{,.d,.new}
mkdir "$copy"
cp -r guest/linux/. include "$copy/"
# The tests' own module needs the symbols of these.
cp -r tests/linux/module "$copy/selftest"
# Of the make that called this one the jobs cannot be had.
unset MAKEFLAGS MFLAGS MAKELEVEL
# No BTF: to make it takes pahole.
make -s -C "$directory/headers" M="$(realpath "$copy")" CONFIG_DEBUG_INFO_BTF_MODULES= W=1 \
    KCFLAGS=-Werror modules

# With debug information they would be ten times as large.
mkdir "$directory/modules.new"
for module in "$copy"/*.ko "$copy"/*/*.ko; do
    objcopy --strip-debug "$module" "$directory/modules.new/${module##*/}"
done
mv "$directory/modules.new" "$directory/modules"
