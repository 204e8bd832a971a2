#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command in the test VM and prints its output while it comes.
#   deploy/libvirt/test-vm.sh [option ...] COMMAND
# COMMAND is for bash, in a copy of this tree's programs, tests and scripts.
#   --memory MIB      of the VM (1024)
#   --limit SECONDS   for COMMAND (300)
#   --kernel KERNEL   of the VM: 6.1-cloud, 6.12-cloud or newest-cloud (6.12-cloud)
#   --file FILE       is /file/NAME there; this and what follows may be given several times
#   --path PATH       a file or directory of the tree, or any absolute path, is there as well
#   --program NAME    is there as well, with its libraries; without a word if it is not here
# Ends with COMMAND's status, or with
#   77   the VM cannot be had here; the last line of standard error says why
#   124  COMMAND did not end within the limit (300 seconds)
#   125  the VM ended without a word, or could not start; standard error has what its kernel said
set -u
cd "$(dirname "$0")/../.." || exit 125
build=${BUILD:-build} memory=1024 limit=300 kernel=6.12-cloud extra=()
. deploy/libvirt/private.bash

while [ $# -gt 1 ]; do
    case $1 in
    --memory) memory=$2 ;;
    --limit) limit=$2 ;;
    --kernel) kernel=$2 ;;
    --file | --path | --program) extra+=("$1" "$2") ;;
    *) echo "test-vm.sh: $1: no such option; the script's first lines have them all" >&2; exit 2 ;;
    esac
    shift 2
done
[ $# -eq 1 ] || { echo "usage: test-vm.sh [options] COMMAND" >&2; exit 2; }

unavailable() {
    echo "no test VM: $*" >&2
    exit 77
}
missing=$(libvirt_tools; for tool in busybox cpio xz zstd; do type -P $tool >/dev/null || echo $tool; done)
[ -z "$missing" ] ||
    unavailable "${missing//$'\n'/, } not installed; deploy/dependencies.sh test-vm does it"
deploy/linux/kernels.sh --image "$kernel" || {
    [ $? -ne 2 ] || exit 2
    unavailable "Debian's kernel $kernel cannot be fetched"
}
kernel=$build/linux/$kernel

# In /tmp for its short path, and so that nobody can reach it.
directory=$(mktemp -d /tmp/holdfast-vm.XXXXXX) || exit 125
name=holdfast-test client=
clean_up() {
    trap '' INT TERM HUP
    [ -z "$client" ] || kill "$client" 2>/dev/null
    if [ ${#libvirt_pids[@]} -gt 0 ]; then
        private_virsh destroy "$name" >/dev/null 2>&1
        private_virsh undefine "$name" >/dev/null 2>&1
    fi
    libvirt_stop
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() { # WHY STATUS
    echo "the test VM $1; libvirt and, at the end, its kernel said:" >&2
    tail -n 60 "$directory/events" "$directory/console.log" >&2
    exit "$2"
}

cp -L "$kernel/vmlinuz" "$directory/vmlinuz" &&
    echo "$1" >"$directory/command" &&
    deploy/libvirt/initramfs.sh "$directory/initramfs" "$kernel/image" "$directory/command" \
        "${extra[@]}" &&
    mkfifo "$directory/output.in" "$directory/output.out" &&
    sed -e "s|@NAME@|$name|; s|@MEMORY@|$memory|; s|@DIRECTORY@|$directory|" \
        deploy/libvirt/test-vm.xml.in >"$directory/test-vm.xml" &&
    touch "$directory/console.log" || exit 125
libvirt_start "$directory" || exit 125
private_virsh define --validate "$directory/test-vm.xml" || exit 125

# The output ends when the last writer has gone: QEMU, and this script, which holds the pipe open for
# as long as QEMU may not have opened it yet.
exec 7<>"$directory/output.out"
sed -u "/\x1e/!b; h; s/.*\x1e//; w $directory/status
        g; s/\x1e.*//; /^\$/d" "$directory/output.out" 7>&- &
reader=$!

# One client starts the VM and waits for its first event, its end. With the client the VM is gone,
# and with this script, should it be killed, the client.
"${libvirt_as[@]}" setpriv --pdeathsig TERM virsh "${libvirt_client[@]}" \
    "start --autodestroy $name; event $name --event lifecycle --timeout $limit" \
    >"$directory/events" 2>&1 </dev/null 7>&- &
client=$!
wait "$client"
client=
exec 7>&-
wait "$reader"

[ ! -s "$directory/status" ] || exit "$(tail -n 1 "$directory/status")"
! grep -q 'timed out' "$directory/events" || fail "did not end within $limit seconds" 124
fail "ended early" 125
