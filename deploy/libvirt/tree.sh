#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tree.sh ROOT [--file|--path|--program WHAT ...]: copies this tree's scripts, programs and tests to
# ROOT/holdfast, and WHAT test-vm.sh or debian-vm.sh was told: a file to ROOT/file, a path of the tree
# or of this machine to the same place in ROOT, a program of this machine to ROOT/usr/bin.
set -eu
root=$1
shift
build=${BUILD:-build}
mkdir -p "$root/holdfast/build" "$root/file" "$root/usr/bin"

cp -r --parents -t "$root/holdfast" tests deploy
for path in holdfast-vmm holdfastctl san/holdfast-vmm guest tests/guest tests/guarantee; do
    [ ! -e "$build/$path" ] || (cd "$build" && cp -r --parents -t "$root/holdfast/build" "$path")
done

while [ $# -gt 0 ]; do
    case $1 in
    --file) cp -L "$2" "$root/file/" ;;
    --program) ! path=$(PATH=$PATH:/usr/sbin:/sbin type -P "$2") || cp -L "$path" "$root/usr/bin/" ;;
    --path)
        case $2 in
        /*) cp -rL --parents -t "$root" "$2" ;;
        "$build"/*) (cd "$build" && cp -rL --parents -t "$root/holdfast/build" "${2#"$build"/}") ;;
        *) cp -rL --parents -t "$root/holdfast" "$2" ;;
        esac
        ;;
    esac
    shift 2
done
# Half of it would be for debuggers.
find "$root/holdfast/build" -type f \( -name '*.elf' -o -name '*.so*' -o -perm /111 ! -name '*.sh' \) \
    -exec strip --strip-debug {} + 2>/dev/null || :
