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
build=${BUILD:-build}
root=$out.d
rm -rf "$root"
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,lib,lib64,usr/bin,modules,holdfast,file}

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
    case $path in
    *.xz) xz -dc "$path" >"$root/modules/$module.ko" ;;
    *.ko) cp "$path" "$root/modules/$module.ko" ;;
    *) echo "no module $module in $kernel that can be read" >&2; exit 1 ;;
    esac
    # The types for BPF, the places for the tracer of functions, and what finds a function's callers:
    # looking at them is nearly all of loading a module, and nobody needs them here.
    objcopy -R .BTF -R .BTF_ids -R __mcount_loc -R .orc_unwind -R .orc_unwind_ip "$root/modules/$module.ko"
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

cp -r --parents -t "$root/holdfast" tests deploy
mkdir "$root/holdfast/build"
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

find "$root/bin" "$root/usr/bin" "$root/holdfast/build" -type f -perm /111 ! -name '*.elf' \
    -exec ldd {} + 2>/dev/null | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | sort -u |
    while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
# Half of it would be for debuggers.
find "$root" -type f \( -name '*.elf' -o -name '*.so*' -o -perm /111 ! -name '*.sh' \) \
    -exec strip --strip-debug {} + 2>/dev/null || :
(cd "$root" && find . | cpio -o --quiet -H newc -R 0:0) >"$out"
