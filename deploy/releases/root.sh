#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# root.sh RELEASE COMMAND: runs COMMAND by bash, as root, in a root of another Debian release, such as
# trixie or sid, which debootstrap makes the first time; it stays as build/releases/RELEASE/root. Takes
# root and debootstrap. The packages come from MIRROR, else from where apt has Debian's from here.
#   --plain   as a plain chroot has it: no /sys, no terminals, no cgroups; but /proc and /dev/kvm
#   --layer NAME  the root stays as it is: what COMMAND changes goes to build/releases/RELEASE/NAME,
#             where the next COMMAND of this layer finds it. To forget it, remove that directory
# All mounts and processes are in namespaces that end with this script, however it ends. Ends with
# COMMAND's status, or with 125 where the root cannot be made.
set -eu
cd "$(dirname "$0")/../.."
. deploy/releases/mirror.bash
plain='' layer=''
while [ $# -gt 2 ]; do
    case $1 in
    --plain) plain=yes ;;
    --layer) layer=$2; shift ;;
    *) break ;;
    esac
    shift
done
[ $# -eq 2 ] || { echo "usage: root.sh [--plain] [--layer NAME] RELEASE COMMAND" >&2; exit 2; }
release=$1 command=$2
mkdir -p "${BUILD:-build}/releases/$release"
directory=$(realpath "${BUILD:-build}/releases/$release")
root=$directory/root

fail() {
    echo "root.sh: $*" >&2
    exit 125
}
[ "$(id -u)" -eq 0 ] || fail "a root of another release takes root to make and to enter"

# So that the root is of one moment, and nobody is in it while another takes it away.
exec 9>"$directory/lock"
flock -n 9 || fail "$root is in use by another run"

make_root() {
    local from=${MIRROR:-$(debian_mirror)}
    command -v debootstrap >/dev/null || fail "debootstrap is not installed; deploy/dependencies.sh releases does it"
    echo "making a root of $release in $root (once)" >&2
    rm -rf "$root" "$directory/new"
    in_namespaces debootstrap --variant=minbase "$release" "$directory/new" "$from" \
        >"$directory/debootstrap.log" 2>&1 ||
        fail "debootstrap fails; $directory/debootstrap.log has: $(tail -n 1 "$directory/debootstrap.log")"
    # As apt here reaches it.
    apt-config dump | grep -E '^Acquire::[a-z]+::.*Proxy' >"$directory/new/etc/apt/apt.conf.d/90proxy" || true
    # A mirror that is some weeks behind is new enough.
    echo 'Acquire::Check-Valid-Until "false";' >"$directory/new/etc/apt/apt.conf.d/90valid"
    # No daemon is to start because its package is installed.
    printf '#!/bin/sh\nexit 101\n' >"$directory/new/usr/sbin/policy-rc.d"
    chmod 755 "$directory/new/usr/sbin/policy-rc.d"
    mv "$directory/new" "$root"
}

in_namespaces() { # COMMAND ...: with the last process of this script goes the first of theirs
    setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child "$@" 9>&-
}

[ -e "$root/etc/debian_version" ] || make_root
cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true

# Where overlayfs may have its layers; and where the two are one tree.
[ -z "$layer" ] || mkdir -p "$directory/$layer"/{changes,work,root}

# shellcheck disable=SC2016 # it is the inner shell that is to expand them
in_namespaces env -i TERM="${TERM:-dumb}" HOME=/root LC_ALL=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    bash -c '
set -eu
root=$1 plain=$2 command=$3 layer=$4
if [ -n "$layer" ]; then
    mount -t overlay -o "lowerdir=$root,upperdir=$layer/changes,workdir=$layer/work" overlay "$layer/root"
    root=$layer/root
else
    mount --bind "$root" "$root"
fi
cd "$root"
mount -t proc proc proc
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
    : >dev/$device
    mount --bind /dev/$device dev/$device
done
if [ -c /dev/kvm ]; then
    : >dev/kvm
    mount --bind /dev/kvm dev/kvm
fi
ln -s /proc/self/fd dev/fd
mkdir dev/pts dev/shm
# A node, not a link to pts/ptmx: so do the /dev have that libvirt makes for a VM.
mknod -m 666 dev/ptmx c 5 2
mount -t tmpfs -o mode=755 run run
mkdir run/lock
rm -rf tmp/* tmp/.[!.]*
if [ -z "$plain" ]; then
    mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
    mount -t tmpfs -o mode=1777 shm dev/shm
    mount --rbind /sys sys
fi
mkdir -p .outside
pivot_root . .outside
exec bash -c "umount -l /.outside && rmdir /.outside && exec bash -c \"\$1\"" bash "$command"
' bash "$root" "$plain" "$command" "${layer:+$directory/$layer}"
