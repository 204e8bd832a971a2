#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# initramfs.sh OUT SCRIPT [option ...]: the root of a Linux guest that runs SCRIPT, by busybox' shell
# with all of its commands, and turns itself off; deploy/linux/init has how. Not compressed: to unpack
# is slow in an emulated machine.
#   --module 'FILE [PARAMETER=VALUE ...]'   is loaded first, in the order given
#   --program NAME                          a path or a program of this machine, with its libraries
#   --file FILE                             is there as /NAME
#   --tree DIRECTORY                        all in it is there as /
set -eu
here=$(dirname "$0")
out=$1 script=$2
shift 2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root"/{bin,dev,proc,sys,tmp,modules}
cp "$here/init" "$root/init"
chmod 755 "$root/init"
cp "$script" "$root/script"
: >"$root/modules/list"

program() { # NAME
    local path library
    path=$(PATH=$PATH:/usr/sbin:/sbin type -P "$1") || { echo "no program $1" >&2; exit 1; }
    cp -L "$path" "$root/bin/"
    # By bash, for the test VM does not have it where ldd looks for it.
    bash "$(type -P ldd)" "$path" 2>/dev/null | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | while read -r library; do
        mkdir -p "$root${library%/*}"
        cp -L "$library" "$root$library"
    done
}

program busybox
ln -s busybox "$root/bin/sh"
while [ $# -gt 0 ]; do
    case $1 in
    --module)
        cp -- "${2%% *}" "$root/modules/"
        module=${2%% *}
        echo "${module##*/}${2#"$module"}" >>"$root/modules/list"
        ;;
    --program) program "$2" ;;
    --file) cp -L "$2" "$root/" ;;
    --tree) cp -r "$2/." "$root/" ;;
    *) echo "initramfs.sh: $1: no such option; --module, --program, --file or --tree" >&2; exit 2 ;;
    esac
    shift 2
done
(cd "$root" && find . | busybox cpio -o -H newc -R 0:0 2>cpio.log) >"$out" ||
    { cat "$root/cpio.log" >&2; exit 1; }
