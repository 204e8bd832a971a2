# SPDX-License-Identifier: MIT
# For the tests with a libvirt of their own: sourced first. As root, the script runs once more in a
# mount namespace in which /dev/kvm is open to the user that its libvirt has, and goes with it.
# shellcheck shell=bash
set -u
[ -z "${NO_KVM:-}" ] || { echo "$NO_KVM"; exit 77; }
. deploy/libvirt/private.bash
missing=$(libvirt_tools | grep -v qemu-system)
[ -z "$missing" ] || { echo "${missing//$'\n'/, } not installed"; exit 77; }
. tests/needs.bash
needs_terminals
needs_sys
if [ "$(id -u)" -eq 0 ] && [ -z "${IN_NAMESPACE:-}" ]; then
    exec env IN_NAMESPACE=1 unshare --mount --propagation private bash "$0"
fi
WORK=${WORK:-$(mktemp -d)}
unset HOLDFAST_RUNTIME_DIR XDG_RUNTIME_DIR

# A short path, for libvirt makes sockets below it.
top=$(mktemp -d /tmp/hf.XXXXXX) || exit 1
chmod 711 "$top"
libvirt=$top/l
mkdir "$libvirt"
cp tests/libvirt/console.py "$BUILD/san/holdfast-vmm" "$BUILD/holdfastctl" "$BUILD"/guest/*.elf "$BUILD"/tests/libvirt/*.elf "$top"
if [ "$(id -u)" -eq 0 ]; then
    mknod "$top/kvm" c 10 232 && chmod 666 "$top/kvm" && mount --bind "$top/kvm" /dev/kvm || exit 1
fi

clean_up() {
    local name
    if [ ${#libvirt_pids[@]} -gt 0 ]; then
        for name in $(private_virsh list --name 2>/dev/null); do
            private_virsh destroy "$name" >/dev/null 2>&1
        done
    fi
    libvirt_stop
    # What a killed libvirtd may have left running: by the PID files that libvirt writes.
    for name in "$libvirt"/run/libvirt/qemu/run/*.pid; do
        [ ! -e "$name" ] || kill -9 "$(cat "$name")" 2>/dev/null
    done
    [ -z "${IN_NAMESPACE:-}" ] || umount /dev/kvm 2>/dev/null
    rm -rf "$top"
}
trap clean_up EXIT

fail() {
    echo "$*"
    tail -n 8 "$libvirt"/cache/libvirt/qemu/log/*.log 2>/dev/null
    grep -v 'info :\|dnsmasq\|DBus\|D-Bus\|udev' "$libvirt/daemons.log" | tail -n 5
    exit 1
}

# domain NAME [sed expression ...]: defines a domain, the example with changes.
domain() {
    local name=$1 words=() word
    shift
    for word in "$@"; do words+=(-e "$word"); done
    sed -e "s|<name>holdfast<|<name>$name<|; s|/usr/bin/holdfast-vmm|$top/holdfast-vmm|" \
        -e "s|/usr/share/holdfast/guests/|$top/|" "${words[@]}" \
        deploy/libvirt/holdfast.xml >"$libvirt/$name.xml"
    does define --validate "$libvirt/$name.xml"
}

. tests/libvirt/virsh.bash
tested_virsh() { private_virsh "$@"; }

pid_of() { # NAME: of its VMM
    cat "$libvirt/run/libvirt/qemu/run/$1.pid"
}

# types NAME TEXT REGEX: into virsh console, whose output then has a line like this.
types() {
    "${libvirt_as[@]}" python3 "$top/console.py" "$3" "$2" \
        virsh --connect qemu:///session console "$1" >"$WORK/out" 2>&1 </dev/null ||
        { cat "$WORK/out"; fail "virsh console $1: $2 is not answered with: $3"; }
}

# ctl WORD ...: holdfastctl, as the user who has the libvirt.
ctl() {
    "${libvirt_as[@]}" "$top/holdfastctl" "$@" >"$WORK/out" 2>&1 </dev/null ||
        { cat "$WORK/out"; fail "holdfastctl $* failed"; }
}
has_windows() { # NAME
    "${libvirt_as[@]}" "$top/holdfastctl" windows "$1" 2>/dev/null </dev/null | grep -q Idle
}
