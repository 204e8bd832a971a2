#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# modules.sh KERNEL: builds guest/linux, and the tests' module beside it, for one of Debian's kernels,
# which it fetches if need be, as build/linux/KERNEL/modules/*.ko. With WERROR=1 in the environment
# warnings are errors, and there are more of them. With V=1 each command is shown.
set -eu
cd "$(dirname "$0")/../.."
kernel=$1
directory=${BUILD:-build}/linux/$kernel
status=0
deploy/linux/kernels.sh "$kernel" || status=$?
# 77: this release of Debian has no such kernel, and so nobody to build for.
[ $status -ne 77 ] || exit 0
[ $status -eq 0 ] || exit $status

# In a copy, for Kbuild writes beside the sources.
copy=$directory/modules.d
rm -rf "$directory"/modules{,.d,.new}
mkdir "$copy"
cp -r guest/linux/. include "$copy/"
# The tests' own module needs the symbols of these.
cp -r tests/linux/module "$copy/selftest"
# Of the make that called this one the jobs cannot be had.
unset MAKEFLAGS MFLAGS MAKELEVEL
strict=()
[ "${WERROR:-}" != 1 ] || strict=(W=1 KCFLAGS=-Werror)
shown=(-s)
[ "${V:-}" != 1 ] || shown=(V=1)
# No BTF: to make it takes pahole.
make "${shown[@]}" -C "$directory/headers" M="$(realpath "$copy")" CONFIG_DEBUG_INFO_BTF_MODULES= \
    "${strict[@]}" modules

# With debug information they would be ten times as large.
mkdir "$directory/modules.new"
for module in "$copy"/*.ko "$copy"/*/*.ko; do
    objcopy --strip-debug "$module" "$directory/modules.new/${module##*/}"
done
mv "$directory/modules.new" "$directory/modules"
