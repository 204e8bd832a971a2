# SPDX-License-Identifier: MIT
# Without the rules that Holdfast brings, AppArmor lets libvirt not even execute the VMM: what virsh says is
# libvirt's, and deploy/libvirt/README.md has that line with its cure. Where a rule for the file of an
# object is missing, the VMM itself names AppArmor.
. tests/debian/system.bash
rules=/etc/apparmor.d/abstractions/libvirt-qemu.d/holdfast
clean_up() {
    tested_virsh destroy bare
    tested_virsh undefine bare
    [ ! -e "$WORK/rules" ] || cp "$WORK/rules" "$rules"
    rm -rf /srv/holdfast-test
} >/dev/null 2>&1
trap clean_up EXIT
rules_are_read
domain bare
cp "$rules" "$WORK/rules"
echo '# nothing' >"$rules"
fails 'cannot execute binary .*holdfast-vmm: Permission denied' start bare
grep -q 'cannot execute binary .*holdfast-vmm: Permission denied.*AppArmor' deploy/libvirt/README.md ||
    fail "the README does not have that line"
echo "without the rules, virsh says: $(cat "$WORK/err")"
cp "$WORK/rules" "$rules"
does start bare
does destroy bare

mkdir -p /srv/holdfast-test
truncate -s 64K /srv/holdfast-test/object
chown -R libvirt-qemu /srv/holdfast-test
domain bare 's|name=scratch,size=1M|name=first,path=/srv/holdfast-test/object|'
fails 'object.*/srv/holdfast-test/object.*AppArmor' start bare
echo "without a rule for the object, virsh says: $(cat "$WORK/err")"
