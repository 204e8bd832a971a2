# SPDX-License-Identifier: MIT
# libvirt-guests, which Debian runs when the host stops and starts, shuts domains down by their power
# button and starts them again.
. tests/debian/system.bash
rules_are_read
settings=/etc/default/libvirt-guests
cp "$settings" "$WORK/settings"
clean_up() {
    cp "$WORK/settings" "$settings"
    tested_virsh destroy guest
    tested_virsh undefine guest
} >/dev/null 2>&1
trap clean_up EXIT
printf 'ON_BOOT=start\nON_SHUTDOWN=shutdown\nSHUTDOWN_TIMEOUT=120\n' >"$settings"

domain guest
does start guest
until_ "the guest has its windows" has_windows guest
systemctl is-active --quiet libvirt-guests || fail "libvirt-guests is not active"
systemctl stop libvirt-guests || fail "libvirt-guests does not stop: $(journalctl -q -b -u libvirt-guests -o cat | tail -n 5)"
is_in guest 'shut off (shutdown)' || fail "after libvirt-guests has stopped, the guest is: $(tested_virsh domstate guest --reason)"
systemctl start libvirt-guests || fail "libvirt-guests does not start"
is_in guest 'running (booted)' || fail "after libvirt-guests has started, the guest is: $(tested_virsh domstate guest --reason)"
until_ "the guest has its windows again" has_windows guest
no_denials
