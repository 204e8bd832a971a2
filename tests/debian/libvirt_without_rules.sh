# SPDX-License-Identifier: MIT
# Without the rules that Holdfast brings, AppArmor lets no domain start, and what virsh says is enough to
# put it right; so it is for the file of an object.
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
fails 'AppArmor' start bare
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
