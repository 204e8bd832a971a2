# SPDX-License-Identifier: MIT
# libvirtd ends, by itself or killed, and starts again: its VMs run on and it finds them again; one
# that has ended meanwhile is shut off, and one with autostart is started.
. tests/libvirt/session.bash
libvirt_start "$libvirt" || fail "libvirt does not start"
daemon=$(libvirt_daemon)
name=$(basename "$daemon")
name=${name/libvirtd/libvirt}

ends() { # SIGNAL: of libvirtd
    kill "-$1" "${libvirt_pids[0]}"
    wait "${libvirt_pids[0]}" 2>/dev/null
    libvirt_pids=("${libvirt_pids[@]:1}")
    rm -f "$libvirt/run/libvirt/$name-sock"
}
begins() {
    libvirt_launch "$daemon"
    libvirt_listens "$name" || fail "it does not start again"
}

domain one
domain two
domain three
does start one
does start two
does autostart three
pid=$(pid_of one)
until_ "the guest has its windows" has_windows one
does suspend two

ends TERM
find "$libvirt/run" -name autostarted -delete # as if the host had been started meanwhile
has_windows one || fail "without libvirtd, the VM is gone"
begins
comes_to one 'running (booted)'
comes_to two 'paused (user)'
comes_to three 'running (booted)'
[ "$(pid_of one)" = "$pid" ] || fail "it is another process"
does suspend one
is_in one 'paused (user)' || fail "it cannot be suspended"
does resume one
does resume two
does vcpuinfo one
does domstats one

ends KILL
[ -e "/proc/$pid" ] || fail "the VM has died with libvirtd"
kill -9 "$(pid_of two)"
begins
comes_to one 'running (unpaused)'
is_off() { [ "$(private_virsh domstate two)" = 'shut off' ]; }
until_ "the VM that was killed is shut off" is_off
does reset one
does shutdown one
comes_to one 'shut off (shutdown)'
exit 0
