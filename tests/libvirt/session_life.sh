# SPDX-License-Identifier: MIT
# From define to undefine: what virsh says of a domain is what holdfast-vmm does.
. tests/libvirt/session.bash
virt-xml-validate deploy/libvirt/holdfast.xml >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
libvirt_start "$libvirt" || fail "libvirt does not start"

domain life 's|<vcpu>1|<vcpu>2|'
is_in life 'shut off (unknown)' || fail "a new domain is not shut off"
does autostart life
does dominfo life
says '^Autostart: +enable'
does autostart --disable life
does dumpxml life
says "<kernel>$top/busy_windows.elf</kernel>"

does start life
is_in life 'running (booted)' || fail "a started domain does not run"
does list
says ' life +running'
does dominfo life
says '^CPU\(s\): +2$'
says '^Used memory: +65536 KiB'
pid=$(pid_of life)
until_ "the guest has its windows" has_windows life
ctl info life
says "^PID +$pid$"

# Each vCPU is a thread that libvirt knows.
does vcpuinfo life
says '^VCPU: +1'
does vcpupin life 1 0
threads=0
for task in "/proc/$pid/task"/*; do
    [[ $(cat "$task/comm") == vcpu* ]] || continue
    threads=$((threads + 1))
    [ "$(cat "$task/comm")" = "vcpu 1" ] || continue
    [ "$(sed -n 's/^Cpus_allowed_list:\t//p' "$task/status")" = 0 ] || fail "vcpupin pins another thread"
done
[ $threads = 2 ] || fail "$threads threads are vCPUs"
does domstats life
says '^ *vcpu.current=2$'
says '^ *vcpu.1.state=1$'
says '^ *balloon.current=65536$'
says '^ *state.state=1$'

# Who stops it does not matter.
does suspend life
is_in life 'paused (user)' || fail "a suspended domain is not paused"
ctl info life
says "^State +paused"
does resume life
ctl pause life
until_ "libvirt has heard of the pause" is_in life 'paused (unknown)'
ctl resume life
until_ "libvirt has heard of the resume" is_in life 'running (unpaused)'

resets() {
    ctl --json info life
    jq .resets "$WORK/out"
}
does reset life
[ "$(resets)" = 1 ] || fail "virsh reset resets $(resets) times"
is_in life 'running (unpaused)' || fail "a domain does not run after a reset"
does reboot life
twice_and_running() { [ "$(resets)" = 2 ] && is_in life 'running (unpaused)'; }
until_ "it has rebooted" twice_and_running
[ "$(pid_of life)" = "$pid" ] || fail "a reboot makes another process"
until_ "the guest has its windows again" has_windows life

does shutdown life
comes_to life 'shut off (shutdown)'
[ ! -e "/proc/$pid" ] || until_ "the VMM is gone" test ! -e "/proc/$pid"
does start life
does destroy life
is_in life 'shut off (destroyed)' || fail "a destroyed domain is not shut off"
does start life --paused
is_in life 'paused (starting up)' || is_in life 'paused (user)' || fail "--paused: $(private_virsh domstate life --reason)"
! has_windows life || fail "a guest that is paused has windows"
does resume life
until_ "the guest has its windows" has_windows life
does destroy life
does undefine life
does list --all --name
[ -z "$(tr -d '\n' <"$WORK/out")" ] || fail "it is still there: $(cat "$WORK/out")"
find "$libvirt/.cache/holdfast" -type s | grep . && fail "control sockets are left"
exit 0
