#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command in the test VM and prints its output while it comes.
#   deploy/libvirt/test-vm.sh [option ...] COMMAND
# COMMAND is for bash, in a copy of this tree's programs, tests and scripts.
#   --processor amd|intel  an AMD processor with nested paging, emulated by QEMU (the default), or an
#                     Intel one with EPT, emulated by Bochs; a command is several times slower there
#   --kvm OPTIONS     for the module kvm-amd or kvm-intel
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
build=${BUILD:-build} memory=1024 limit=300 kernel=6.12-cloud processor=amd options='' extra=()

while [ $# -gt 1 ]; do
    case $1 in
    --processor) processor=$2 ;;
    --kvm) options=$2 ;;
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
case $processor in
amd) . deploy/libvirt/machine.bash ;;
intel) . deploy/bochs/machine.bash ;;
*) echo "test-vm.sh: --processor $processor: no such processor; amd or intel" >&2; exit 2 ;;
esac
missing=$(machine_lacks; for tool in busybox cpio xz zstd; do type -P $tool >/dev/null || echo $tool; done)
[ -z "$missing" ] ||
    unavailable "${missing//$'\n'/, } not installed; deploy/dependencies.sh test-vm does it"
missing=$(machine_unusable)
[ -z "$missing" ] || unavailable "$missing"
deploy/linux/kernels.sh --image "$kernel" || {
    [ $? -ne 2 ] || exit 2
    unavailable "Debian's kernel $kernel cannot be fetched"
}
kernel=$build/linux/$kernel

# In /tmp for its short path, and so that nobody can reach it.
directory=$(mktemp -d /tmp/holdfast-vm.XXXXXX) || exit 125
clean_up() {
    trap '' INT TERM HUP
    machine_stop
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() { # WHY STATUS
    echo "the test VM $1; what runs it and, at the end, its kernel said:" >&2
    tail -n 60 "$directory/events" "$directory/console.log" >&2
    exit "$2"
}

echo "$1" >"$directory/command" &&
    deploy/libvirt/initramfs.sh "$directory/root" "$kernel/image" "$directory/command" \
        "$processor" "$options" "${extra[@]}" &&
    mkfifo "$directory/output.out" &&
    machine_make "$kernel" "$directory/root" "$memory" || exit 125

# The output ends when the last writer has gone: the emulator, and this script, which holds the pipe open
# for as long as the emulator may not have opened it yet.
exec 7<>"$directory/output.out"
sed -u "/\x1e/!b; h; s/.*\x1e//; w $directory/status
        g; s/\x1e.*//; /^\$/d" "$directory/output.out" 7>&- &
reader=$!
machine_run "$limit"
ended=$?
exec 7>&-
wait "$reader"

[ ! -s "$directory/status" ] || exit "$(tail -n 1 "$directory/status")"
[ $ended -ne 124 ] || fail "did not end within $limit seconds" 124
fail "ended early" 125
