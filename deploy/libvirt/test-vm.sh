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

vm="test VM"
. deploy/libvirt/run.bash
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

vm_directory
echo "$1" >"$directory/command" &&
    deploy/libvirt/initramfs.sh "$directory/root" "$kernel/image" "$directory/command" \
        "$processor" "$options" "${extra[@]}" &&
    mkfifo "$directory/output.out" &&
    machine_make "$kernel" "$directory/root" "$memory" || exit 125

vm_run "$limit"
