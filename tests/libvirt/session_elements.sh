# SPDX-License-Identifier: MIT
# Whatever element a person writes into a domain: it starts, or virsh shows why not, and libvirtd
# lives. What domcapabilities says of processors is so.
. tests/libvirt/session.bash
libvirt_start "$libvirt" || fail "libvirt does not start"
daemon=${libvirt_pids[0]}
lives() { kill -0 "$daemon" 2>/dev/null || fail "libvirtd has died of $1"; }

does domcapabilities --emulatorbin "$top/holdfast-vmm"
for mode in "host-passthrough' supported='yes" "maximum' supported='yes" "host-model' supported='no"; do
    says "<mode name='$mode'"
done
! grep -q "<model.*usable='yes'" "$WORK/out" || fail "a model of processor is said to be usable"
lives domcapabilities

# Some hundred of them are started, six at once: by a VMM that starts quickly, with a guest that sleeps.
# What the sanitizers find in command lines, tests/fuzz/command_line.c finds.
cp "$BUILD/holdfast-vmm" "$top/holdfast-vmm"
sed -e "s|<cmdline>busy<|<cmdline>quiet<|" -e "s|/usr/bin/holdfast-vmm|$top/holdfast-vmm|; s|/usr/share/holdfast/guests/|$top/|" \
    deploy/libvirt/holdfast.xml >"$libvirt/base.xml"
mkdir "$libvirt/elements"
chmod 777 "$libvirt/elements"
python3 tests/libvirt/elements.py tests/libvirt/elements.table "$libvirt/base.xml" "$libvirt/elements" \
    "${libvirt_as[@]}" virsh "${libvirt_client[@]}" >"$WORK/elements" 2>&1 ||
    { lives "one of them"; cat "$WORK/elements"; exit 1; }
lives "one of them"
tail -n 1 "$WORK/elements"
exit 0
