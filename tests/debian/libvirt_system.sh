# SPDX-License-Identifier: MIT
# The system's libvirt and AppArmor, both as Debian has them, with the rules that Holdfast brings: from
# define to undefine a domain does what virsh is told, its VMM is confined, and nothing is denied.
. tests/debian/system.bash
rules_are_read
clean_up() {
    tested_virsh destroy life
    tested_virsh undefine life
    sed -i '/holdfast-test/d' "$local_rules"
    rm -rf /srv/holdfast-test
} >/dev/null 2>&1
trap clean_up EXIT

# An object by its path, which the administrator opens to libvirt's user and to AppArmor.
mkdir -p /srv/holdfast-test
truncate -s 64K /srv/holdfast-test/{first,later}
chown -R libvirt-qemu /srv/holdfast-test
echo '/srv/holdfast-test/* rwk,' >>"$local_rules"

domain life 's|<vcpu>1|<vcpu>2|' 's|name=scratch,size=1M|name=first,path=/srv/holdfast-test/first|' \
    's|<cmdline>|<cmdline>object=first |'
does start life
is_in life 'running (booted)' || fail "a started domain does not run"
until_ "the guest has its windows" has_windows life
pid=$(cat /run/libvirt/qemu/life.pid)
[[ $(cat "/proc/$pid/attr/current") == libvirt-*' (enforce)' ]] ||
    fail "AppArmor does not confine the VMM: $(cat "/proc/$pid/attr/current")"
[[ $(cat "/proc/$(pidof libvirtd)/attr/current") == *'libvirtd (enforce)' ]] || fail "AppArmor does not confine libvirtd"
[ "$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$pid/status")" = "$(id -u libvirt-qemu)" ] || fail "it is not libvirt's user"
ctl list
says '^life  running'
ctl objects life
says '/srv/holdfast-test/first'

# Another one while the guest runs: it needs no rule, for holdfastctl opens it.
ctl attach life name=later,path=/srv/holdfast-test/later
ctl attach life name=shared,size=64K
ctl objects life
says '^later .*/srv/holdfast-test/later'
ctl detach life later

does suspend life
is_in life 'paused (user)' || fail "a suspended domain is not paused"
does resume life
does reset life
until_ "the guest has its windows after a reset" has_windows life
does domstats life
says '^ *vcpu.current=2$'
mkdir -p /var/lib/libvirt/qemu/dump
does dump --memory-only life /var/lib/libvirt/qemu/dump/life
python3 tests/libvirt/core_file.py /var/lib/libvirt/qemu/dump/life \
    /usr/share/holdfast/guests/busy_windows.elf 2 $((64 << 20)) || fail "the core file is not right"
rm /var/lib/libvirt/qemu/dump/life

# libvirtd goes, as at an upgrade of its package; the domain does not notice.
systemctl restart libvirtd || fail "libvirtd does not restart"
does domstate life
says running
[ "$(cat /run/libvirt/qemu/life.pid)" = "$pid" ] || fail "the VMM is another one"

does shutdown life
comes_to life 'shut off (shutdown)'
does start life
does destroy life
does undefine life
does list --all --name
[ -z "$(tr -d '\n' <"$WORK/out")" ] || fail "it is still there: $(cat "$WORK/out")"
[ -z "$(ls -A -I .lock /run/holdfast-shared)" ] || fail "the control socket is left"
no_denials
