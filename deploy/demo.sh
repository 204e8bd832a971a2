#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make demo [FILE=PATH]: a guest reads a host file through a small window; both sides compute its
# CRC-32. Ends with a status other than 0 if anything differs. Where /dev/kvm cannot be had, all of it
# runs in the test VM.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
file=${FILE:-$(readlink -f /proc/$$/exe)} # the shell that runs this: there is always one
name=demo-$$

fail() {
    echo "demo: $*" >&2
    exit 1
}
[ -r "$file" ] && [ -f "$file" ] || fail "FILE=$file is not a file that can be read"
[ -s "$file" ] || fail "FILE=$file is empty"

in_test_vm() {
    local size limit=$((256 << 20)) status=0
    size=$(stat -L -c %s "$file")
    [ "$size" -le "$limit" ] || fail "FILE=$file has $size bytes; the test VM takes $limit at most"
    [ "$(id -u)" -eq 0 ] || [ ! -e /dev/kvm ] ||
        echo "You may not open /dev/kvm; members of group kvm may (adduser $(id -un) kvm)."
    echo "Without /dev/kvm the demo runs in a test VM, whose processor is emulated and slow."
    deploy/dependencies.sh test-vm || true
    # FILE is there twice while the VM starts, and a file system there takes half of its memory.
    deploy/libvirt/test-vm.sh --memory $((1024 + 2 * (size >> 20))) --file "$file" \
        "FILE=$(printf %q "/file/${file##*/}") deploy/demo.sh" || status=$?
    exit $status
}
# By its number, too: a container may have something else of that name.
[ "$(stat -L -c %t:%T /dev/kvm 2>/dev/null)" = a:e8 ] && : 2>/dev/null <>/dev/kvm || in_test_vm

work=$(mktemp -d)
vmm=
clean_up() {
    [ -z "$vmm" ] || kill "$vmm" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
if [ "$(id -u)" -ne 0 ] && [ ! -w "${XDG_RUNTIME_DIR:-}" ]; then # also after su
    export HOLDFAST_RUNTIME_DIR=$work/run
fi
ctl() {
    "$build/holdfastctl" "$@" | sed 's/^/    /'
}

size=$(stat -L -c %s "$file")
echo "Holdfast demo: a guest reads $file ($size bytes) through a window of 64 KiB."
echo
echo "1. Starting holdfast-vmm --name $name --object name=file,path=${file//,/,,},access=ro"
mkfifo "$work/in"
"$build/holdfast-vmm" --name "$name" --kernel "$build/guest/file_crc.elf" --append look \
    --object "name=file,path=${file//,/,,},access=ro" <"$work/in" >"$work/out" 2>"$work/log" &
vmm=$!
exec 9>"$work/in"

wait_for() { # PATTERN: the guest has printed a line like this
    until grep -q "$1" "$work/out"; do
        kill -0 "$vmm" 2>/dev/null || { cat "$work/out" "$work/log" >&2; fail "the VM ended early"; }
        sleep 0.02
    done
}
show_progress() { # until the guest prints a line like $1
    local done
    [ -t 1 ] || { wait_for "$1"; return; }
    until grep -q "$1" "$work/out"; do
        kill -0 "$vmm" 2>/dev/null || break
        done=$(sed -n 's/^progress //p' "$work/out" | tail -n 1)
        printf '\r    read %s ' "${done:-0%}"
        sleep 0.1
    done
    printf '\r             \r'
    wait_for "$1"
}

show_progress '^halfway'
echo "2. The guest has mapped the file piece by piece and waits halfway. What holdfastctl sees:"
ctl windows "$name"
ctl stats "$name"
echo "3. The guest goes on to the end."
echo >&9
show_progress '^crc'
status=0
wait "$vmm" || status=$?
vmm=
[ "$status" -eq 0 ] || { cat "$work/log" >&2; fail "the guest ended with status $status"; }

guest_crc=$(sed -n 's/^crc \([0-9a-f]*\) .*/\1/p' "$work/out")
# The last 8 bytes that gzip writes are the sum and the size.
host_crc=$(gzip -1 -c "$file" | tail -c 8 | od -An -tx4 -N4 | tr -d ' ')
echo "4. CRC-32 by the guest: $guest_crc"
echo "   CRC-32 by the host:  $host_crc"
[ "$guest_crc" = "$host_crc" ] || fail "they differ"
echo "They are equal."
