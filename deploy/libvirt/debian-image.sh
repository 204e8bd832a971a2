#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# debian-image.sh RELEASE: makes what debian-vm.sh starts, a Debian with systemd, AppArmor, libvirt in
# system mode and what Holdfast's packages depend on; bookworm or trixie. It is made once, by mmdebstrap,
# and again only when the list below has changed. In build/debian/RELEASE are then
#   disk      a file system, raw and sparse
#   vmlinuz   its kernel
#   release   which one it is, such as 6.1.0-50-cloud-amd64
#   modules   those that its start takes, in order, and KVM's
#   list      the packages that were asked for
# The packages come from MIRROR, else from where apt has Debian's from here. It takes root, mmdebstrap,
# mke2fs, and network. May fail, and says why on standard error.
set -eu
cd "$(dirname "$0")/../.."
. deploy/releases/mirror.bash
[ $# -eq 1 ] || { echo "usage: debian-image.sh RELEASE" >&2; exit 2; }
release=$1 build=${BUILD:-build}

# The machine itself.
list="systemd-sysv dbus udev kmod apparmor linux-image-cloud-amd64 procps iproute2 polkitd
    libvirt-daemon-system libvirt-clients"
# What Holdfast's packages depend on: a VM has no network to fetch it.
list+=" adduser bash-completion man-db libprotobuf-c1 libjansson4 libbsd0 libzstd1 liblzma5 libseccomp2
    libncursesw6 libmicrohttpd12 dkms linux-headers-cloud-amd64"
# What tests use.
list+=" python3-minimal jq curl"
case $release in
bookworm) list+=" libzydis4.0" ;;
trixie) list+=" libzydis4.1 libvirt-daemon-log" ;;
*) echo "debian-image.sh: $release: no such release; bookworm or trixie" >&2; exit 2 ;;
esac
list=$(tr -s ' \n' '\n' <<<"$list")

mkdir -p "$build/debian"
directory=$(cd "$build/debian" && pwd)/$release
exec 9>"$build/debian/.lock-$release"
flock -n 9 || { echo "waiting for another run, which makes the image" >&2; flock 9; }
[ ! -e "$directory/disk" ] || [ "$(cat "$directory/list")" != "$list" ] || exit 0

fail() {
    echo "no image of Debian $release can be made: $*" >&2
    exit 1
}
PATH=$PATH:/usr/sbin:/sbin
missing=$(for tool in mmdebstrap mke2fs modprobe; do type -P $tool >/dev/null || echo $tool; done)
[ -z "$missing" ] || fail "${missing//$'\n'/, } not installed; deploy/dependencies.sh debian-vm does it"
[ "$(id -u)" -eq 0 ] || fail "that takes root, once; whoever runs the VM then need not be root"
new=$(mktemp -d "${directory%/*}/new.XXXXXX")
trap 'rm -rf --one-file-system "$new"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

install_packages() {
    local mirror
    mirror=${MIRROR:-$(debian_mirror)}
    echo "making an image of Debian $release from $mirror, once; that takes some minutes" >&2
    # INITRD: the VM has an initramfs of its own. Nobody waits for the disk.
    INITRD=No setpriv --pdeathsig TERM mmdebstrap --mode=root --variant=apt \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/locale/*' \
        --include="$(xargs <<<"$list" | tr ' ' ,)" \
        "$release" "$new/root" "deb $mirror $release main" 2>&1 9>&- |
        tee "$new/log" | sed -un 's/^I: /    /p' >&2
    [ "${PIPESTATUS[0]}" -eq 0 ] ||
        fail "mmdebstrap cannot install its packages from $mirror: $(grep -m 1 '^E:' "$new/log")"
}

# What an installer would have done, and the first start would do again in every VM.
settle() {
    local root=$new/root
    echo debian-vm >"$root/etc/hostname"
    printf '127.0.0.1 localhost debian-vm\n' >"$root/etc/hosts"
    rm -f "$root/etc/resolv.conf"
    tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    touch "$root/etc/.updated" "$root/var/.updated"
    mkdir -p "$root/holdfast"
}

keep_kernel() {
    local root=$new/root kernel number=10 path
    kernel=$(basename "$root"/lib/modules/*)
    echo "$kernel" >"$new/release"
    cp -L "$root/boot/vmlinuz-$kernel" "$new/vmlinuz"
    mkdir "$new/modules"
    for module in virtio_pci virtio_blk ext4 kvm_amd; do
        modprobe -d "$root" -S "$kernel" --show-depends "$module"
    done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r path; do
        deploy/libvirt/module.sh "$path" "$new/modules/$number-$(basename "$path" | sed 's/\.ko.*/.ko/')"
        number=$((number + 1))
    done
    compgen -G "$new/modules/*-kvm-amd.ko" >/dev/null || fail "Debian's kernel $kernel has no kvm-amd"
}

# No journal: nothing on it outlives a run.
make_disk() {
    truncate -s 4G "$new/disk"
    mke2fs -q -F -t ext4 -O ^has_journal -E lazy_itable_init=0 -m 0 -L root -d "$new/root" "$new/disk" ||
        fail "mke2fs cannot make its file system; is the disk full?"
}

# To compile AppArmor's profiles takes an emulated machine a minute, and depends on its kernel. So it is
# done once, at a first start.
compile_profiles() {
    echo "starting it once, for AppArmor to compile its profiles" >&2
    chmod 755 "$new"
    deploy/libvirt/debian-vm.sh --image "$new" --release "$release" \
        'tar -cz -C / var/cache/apparmor | base64' >"$new/profiles" 9>&- ||
        fail "it does not start"
    base64 -d "$new/profiles" | tar -xz -C "$new/root" || fail "what it has compiled is damaged"
    rm "$new/profiles" "$new/disk"
}

install_packages
settle
keep_kernel
make_disk
compile_profiles
make_disk
rm -rf --one-file-system "$new/root"
echo "$list" >"$new/list"
rm -rf "$directory"
mv "$new" "$directory"
