#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# initramfs.sh OUT KERNEL COMMAND amd|intel OPTIONS [--file|--path|--program WHAT ...]: the test VM's
# root: busybox, bash and the tools that scripts use, all from this machine, modules from the unpacked
# KERNEL, with OPTIONS for KVM's of that processor, this tree's programs and tests as /holdfast, the file
# COMMAND as /command, and WHAT test-vm.sh was told. Not compressed: to unpack is slow in an emulated
# machine, to load is not.
set -eu
out=$1 kernel=$2 command=$3 processor=$4 options=$5
shift 5
root=$out.d
rm -rf "$root"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,lib,lib64,usr/bin,modules}

cp deploy/libvirt/init "$root/init"
chmod 755 "$root/init"
cp "$command" "$root/command"
mkdir "$root/etc"
# Whom VMMs become that root starts.
printf '%s\n' root:x:0:0::/root:/bin/sh holdfast:x:990:990::/:/bin/false nobody:x:65534:65534::/:/bin/false \
    >"$root/etc/passwd"

echo "$options" >"$root/modules/options"
for module in irqbypass kvm "kvm-$processor"; do
    path=$(find "$kernel" -name "$module.ko*" -print -quit)
    [ -n "$path" ] || { echo "no module $module in $kernel" >&2; exit 1; }
    deploy/libvirt/module.sh "$path" "$root/modules/$module.ko"
done

# The same tools as outside, not busybox' own: the tests are written for them.
cp -L "$(command -v busybox)" "$root/bin/busybox"
dpkg -L coreutils grep sed findutils diffutils gzip bash |
    sed -n 's|^\(/usr\)\?/bin/||p' | while read -r tool; do
    path=$(type -P "$tool") || continue
    cp -L "$path" "$root/usr/bin/"
done
cp -L "$(command -v awk)" "$root/usr/bin/awk"
[ ! -d /usr/lib/locale/C.utf8 ] || cp -r --parents -t "$root" /usr/lib/locale/C.utf8

deploy/libvirt/tree.sh "$root" "$@"

find "$root/bin" "$root/usr/bin" "$root/holdfast/build" -type f -perm /111 ! -name '*.elf' \
    -exec ldd {} + 2>/dev/null | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | sort -u |
    while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
find "$root" -type f \( -name '*.so*' -o -perm /111 ! -name '*.sh' \) ! -path "$root/holdfast/*" \
    -exec strip --strip-debug {} + 2>/dev/null || :
(cd "$root" && find . | cpio -o --quiet -H newc -R 0:0) >"$out"
