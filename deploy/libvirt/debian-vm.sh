#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command in the Debian VM and prints its output while it comes: a whole Debian, with systemd as
# its first process, its own kernel, AppArmor and libvirt in system mode, on a processor with nested
# paging that QEMU emulates.
#   deploy/libvirt/debian-vm.sh [option ...] COMMAND
# COMMAND is for bash, as root, in a copy of this tree's programs, tests and scripts. What it changes is
# gone after it. Progress is told on standard error.
#   --release RELEASE  bookworm (the default) or trixie
#   --image DIRECTORY  of that release, in place of the one in build/debian
#   --memory MIB       of the VM (1536)
#   --limit SECONDS    for COMMAND (300), once the system is up
#   --file FILE        is /file/NAME there; this and what follows may be given several times
#   --path PATH        a file or directory of the tree, or any absolute path, is there as well
# The first run makes the image, which takes root, network and some minutes: debian-image.sh.
# Ends with COMMAND's status, or with
#   77   the VM cannot be had here; the last line of standard error says why
#   124  COMMAND did not end within the limit
#   125  the VM ended without a word, or could not start; standard error has what its kernel said
set -u
cd "$(dirname "$0")/../.." || exit 125
build=${BUILD:-build} release=bookworm image='' memory=1536 limit=300 extra=() boot_limit=300

while [ $# -gt 1 ]; do
    case $1 in
    --release) release=$2 ;;
    --image) image=$2 ;;
    --memory) memory=$2 ;;
    --limit) limit=$2 ;;
    --file | --path) extra+=("$1" "$2") ;;
    *) echo "debian-vm.sh: $1: no such option; the script's first lines have them all" >&2; exit 2 ;;
    esac
    shift 2
done
[ $# -eq 1 ] || { echo "usage: debian-vm.sh [options] COMMAND" >&2; exit 2; }
[[ $limit =~ ^[1-9][0-9]*$ ]] || { echo "debian-vm.sh: --limit $limit: a number of seconds is wanted" >&2; exit 2; }
[[ $release =~ ^(bookworm|trixie)$ ]] ||
    { echo "debian-vm.sh: --release $release: no such release; bookworm or trixie" >&2; exit 2; }

vm="Debian VM"
. deploy/libvirt/run.bash
. deploy/libvirt/machine.bash
missing=$(machine_lacks; for tool in busybox cpio qemu-img xz; do type -P $tool >/dev/null || echo $tool; done)
[ -z "$missing" ] ||
    unavailable "${missing//$'\n'/, } not installed; deploy/dependencies.sh debian-vm does it"
if [ -z "$image" ]; then
    # It says why not in its last line.
    deploy/libvirt/debian-image.sh "$release" || exit 77
    image=$(realpath "$build/debian/$release")
fi

# Units that only cost time here.
masked="getty@tty1.service systemd-logind.service getty-static.service systemd-pstore.service
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer logrotate.timer man-db.timer
    e2scrub_all.timer systemd-tmpfiles-clean.timer systemd-random-seed.service
    systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-networkd.service
    systemd-networkd.socket systemd-network-generator.service systemd-timesyncd.service
    systemd-binfmt.service proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount
    sys-kernel-tracing.mount dev-hugepages.mount sys-fs-fuse-connections.mount modprobe@.service"
# What makes units for machines with more than a disk and a service.
masked_generators="bless-boot cryptsetup debug fstab getty gpt-auto hibernate-resume integritysetup rc-local
    run system-update sysv veritysetup factory-reset import ssh tpm2"
# Code for processors that have it in hardware: the kernel tries all of it first.
masked_modules="aesni_intel ghash_clmulni_intel sha512_ssse3 sha256_ssse3 sha1_ssse3 polyval_clmulni
    crc32_pclmul crct10dif_pclmul crc32c_intel powernow_k8 psmouse serio_raw evdev qemu_fw_cfg"

make_initramfs() { # OUT COMMAND
    local root=$directory/root library
    mkdir -p "$root"/{bin,proc,sys,dev,run,root} && cp -r "$image/modules" "$root/modules" &&
        cp "$2" "$root/command" && cp deploy/libvirt/debian-command "$root/run-command" &&
        install -m 755 deploy/libvirt/debian-init "$root/init" &&
        install -m 755 "$(type -P busybox)" "$root/bin/busybox" || return 1
    echo "limit=$limit" >"$root/settings"
    # As systemd's and modprobe's directories in /run have them.
    local units=$root/systemd/system generators=$root/systemd/system-generators name
    mkdir -p "$units" "$generators" "$root/modprobe.d"
    for name in $masked; do ln -s /dev/null "$units/$name"; done
    for name in $masked_generators; do ln -s /dev/null "$generators/systemd-$name-generator"; done
    for name in $masked_modules; do echo "blacklist $name"; done >"$root/modprobe.d/vm.conf"
    for library in $(ldd "$root/bin/busybox" 2>/dev/null | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p'); do
        mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library" || return 1
    done
    (cd "$root" && find . | cpio -o --quiet -H newc -R 0:0) >"$1" && rm -r "$root"
}

make_tree() { # OUT
    deploy/libvirt/tree.sh "$directory/tree" "${extra[@]}" &&
        tar -c --owner 0 --group 0 -C "$directory/tree" . >"$1" && rm -r "$directory/tree"
}

# The image stays as it is, and any number of VMs may have it: each writes to a layer of its own.
make_disks() {
    local base=$image/disk
    # The emulator may be another user than this script.
    readable_by_emulator "$base" || { base=$directory/base && cp --sparse=always "$image/disk" "$base"; } || return 1
    qemu-img create -q -f qcow2 -F raw -b "$base" "$directory/disk" &&
        make_tree "$directory/tree.tar" &&
        machine_disk vda qcow2 "$directory/disk" &&
        machine_disk vdb raw "$directory/tree.tar" '<readonly/>'
}

readable_by_emulator() { # FILE
    [ "$(id -u)" -ne 0 ] || setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups test -r "$1"
}

vm_directory
name=holdfast-debian
machine_words="${machine_words/holdfast-test-vm/holdfast-debian-vm} cryptomgr.notests init_on_alloc=0"
echo "starting Debian $release, Linux $(cat "$image/release")" >&2
echo "$1" >"$directory/command" &&
    make_initramfs "$directory/initramfs.new" "$directory/command" &&
    make_disks &&
    mkfifo "$directory/output.out" &&
    machine_make "$image" "$directory/initramfs.new" "$memory" || exit 125
vm_run $((boot_limit + limit))
