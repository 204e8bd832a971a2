# SPDX-License-Identifier: MIT
# For the tests in the Debian VM that use the system's libvirt: sourced first.
# shellcheck shell=bash
set -u
[ -d /run/systemd/system ] || { echo "systemd is not the first process here; make check-debian has a VM for this"; exit 77; }
unset HOLDFAST_RUNTIME_DIR XDG_RUNTIME_DIR
# An emulated machine is slow, and others may want its host.
VAIN=600
. tests/libvirt/virsh.bash
tested_virsh() { virsh --quiet --connect qemu:///system "$@" </dev/null; }

local_rules=/etc/apparmor.d/local/abstractions/libvirt-qemu
fail() {
    echo "$*"
    tail -n 8 /var/log/libvirt/qemu/*.log 2>/dev/null
    denials | tail -n 5
    exit 1
}

# Prints what AppArmor has denied since the test began.
began=$(date +%s.%N)
denials() {
    journalctl --quiet --boot --since "@$began" --grep 'apparmor="DENIED"' --output cat _TRANSPORT=audit + _TRANSPORT=kernel
}
no_denials() {
    journalctl --sync
    [ -z "$(denials)" ] || fail "AppArmor has denied something: $(denials)"
}

# As deploy/libvirt/README.md has it for the system mode: libvirt allows no kernel below /usr/share.
install -D -m 644 -t /var/lib/holdfast /usr/share/holdfast/guests/*

# domain NAME [sed expression ...]: defines the example, with changes. Its guest sleeps: one that is busy
# takes the emulated processor from everything else.
domain() {
    local name=$1 words=() word
    shift
    for word in "$@"; do words+=(-e "$word"); done
    sed -e "s|<name>holdfast<|<name>$name<|; s|/usr/share/holdfast/guests|/var/lib/holdfast|; s|<cmdline>busy|<cmdline>windows=1|" \
        "${words[@]}" /usr/share/doc/holdfast/examples/holdfast.xml >"$WORK/$name.xml"
    does define --validate "$WORK/$name.xml"
}

libvirt_before() { # VERSION
    dpkg --compare-versions "$(dpkg-query -Wf '${Version}' libvirt-daemon-system)" lt "$1"
}

# What deploy/libvirt/README.md has the administrator do where libvirt is older than 10.
rules_are_read() {
    ! libvirt_before 10 || grep -qs libvirt-qemu.d "$local_rules" ||
        echo 'include <abstractions/libvirt-qemu.d/holdfast>' >>"$local_rules"
}

has_windows() { # NAME
    holdfastctl windows "$1" 2>/dev/null </dev/null | grep -q Idle
}
ctl() { # WORD ...
    holdfastctl "$@" >"$WORK/out" 2>&1 </dev/null || { cat "$WORK/out"; fail "holdfastctl $* failed"; }
}
mkdir -p "$WORK"
