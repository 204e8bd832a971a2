#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make demo [FILE=PATH]: a guest reads a host file through a small window; both sides compute its
# CRC-32. Ends with a status other than 0 if anything differs.
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
: <>/dev/kvm || fail "/dev/kvm cannot be opened: run as root, or join group kvm (adduser $(id -un) kvm)"

work=$(mktemp -d)
vmm=
clean_up() {
    [ -z "$vmm" ] || kill "$vmm" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
if [ "$(id -u)" -ne 0 ] && [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    export HOLDFAST_RUNTIME_DIR=$work/run
fi
ctl() {
    "$build/holdfastctl" "$@" | sed 's/^/    /'
}

size=$(stat -L -c %s "$file")
echo "Holdfast demo: a guest reads $file ($size bytes) through a window of 64 KiB."
echo
echo "1. Starting holdfast-vmm --name $name --object name=file,path=$file,access=ro"
mkfifo "$work/in"
"$build/holdfast-vmm" --name "$name" --kernel "$build/guest/file_crc.elf" --append look \
    --object "name=file,path=$file,access=ro" <"$work/in" >"$work/out" 2>"$work/log" &
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
host_crc=$(python3 -c '
import sys, zlib
crc = 0
with open(sys.argv[1], "rb") as f:
    while piece := f.read(1 << 20):
        crc = zlib.crc32(piece, crc)
print(f"{crc:08x}")' "$file")
echo "4. CRC-32 by the guest: $guest_crc"
echo "   CRC-32 by the host:  $host_crc"
[ "$guest_crc" = "$host_crc" ] || fail "they differ"
echo "They are equal."
