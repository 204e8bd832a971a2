# SPDX-License-Identifier: MIT
# What Holdfast cannot do is refused with a line that virsh shows: devices when the domain is to be
# defined or started, calls while it runs. The VM goes on after a call that was refused.
. tests/libvirt/session.bash
libvirt_start "$libvirt" || fail "libvirt does not start"

# changed sed-expression ...: prints the example with these changes.
changed() {
    local words=() word
    for word in "$@"; do words+=(-e "$word"); done
    sed -e "s|/usr/bin/holdfast-vmm|$top/holdfast-vmm|; s|/usr/share/holdfast/guests/|$top/|" \
        "${words[@]}" deploy/libvirt/holdfast.xml
}

# refused REGEX sed-expression ...: a domain with these changes does not start.
refused() {
    local wanted=$1
    shift
    changed "$@" >"$libvirt/refused.xml"
    ! cmp -s "$libvirt/refused.xml" <(changed) || fail "nothing was changed by $*"
    fails "$wanted" create "$libvirt/refused.xml"
}

# refused_if_added REGEX ELEMENT: without it libvirt 9 adds a device of its own accord. Libvirt 11 knows
# that the machine has no bus for it, and the domain starts.
refused_if_added() {
    changed "s|$2||" >"$libvirt/without.xml"
    if private_virsh create "$libvirt/without.xml" >/dev/null 2>&1; then
        does destroy holdfast
    else
        refused "$1" "s|$2||"
    fi
}

device() { # XML: a sed expression that adds it
    echo "s|<serial type='pty'/>|&$1|"
}

pci='XML error: No PCI buses available'
refused "$pci" "$(device "<disk type='file'><source file='$top/hello.elf'/><target dev='vda' bus='virtio'/></disk>")"
refused "$pci" "$(device "<interface type='user'><model type='virtio'/></interface>")"
refused "$pci" "$(device "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>")"
refused "$pci" "s|<controller type='usb' model='none'/>|<controller type='usb' model='qemu-xhci'/>|"
refused "$pci" "s|<memballoon model='none'/>|<memballoon model='virtio'/>|"
for element in "<controller type='usb' model='none'/>" "<memballoon model='none'/>"; do
    refused_if_added "$pci" "$element"
done
refused 'vnc graphics are not supported' "$(device "<graphics type='vnc'/><video><model type='none'/></video>")"
refused 'take the second <serial> out' "$(device "<serial type='pty'><target port='1'/></serial>")"
refused "a <serial> is of type='pty' or 'file'" "s|<console type='pty'/>||" \
    "s|<serial type='pty'/>|<serial type='tcp'><source mode='bind' host='127.0.0.1' service='4555'/></serial>|"
refused 'take <topology> out' 's|<vcpu>1</vcpu>|<vcpu>4</vcpu>|' \
    "s|<cpu mode='host-passthrough' migratable='off'/>|<cpu mode='host-passthrough' migratable='off'><topology sockets='1' cores='2' threads='2'/></cpu>|"
refused 'take current= out of <vcpu>' "s|<vcpu>1</vcpu>|<vcpu current='1'>2</vcpu>|"
refused "say <source type='memfd'/>" "s|<source type='memfd'/>|<source type='file'/>|"
refused 'say --guarantee strict' "s|<source type='memfd'/>|&<allocation mode='immediate'/>|"
refused "clock is in UTC" "s|<clock offset='utc'/>|<clock offset='localtime'/>|"
refused "bad VM name 'two words'" 's|<name>holdfast|<name>two words|'
refused 'not-there: No such file' 's|busy_windows.elf|not-there|'
refused 'names no <kernel>' 's|<kernel>.*</kernel>||; s|<cmdline>.*</cmdline>||'
refused 'unknown option --no-such' "s|--arena|--no-such|"
refused "bad word 'colour'" 's|name=scratch,size=1M|name=scratch,colour=red|'
# What libvirt 12 says of it comes from a check before that one.
refused "does not support virt type 'qemu'|but no PCI controller added" "s|<domain type='kvm'|<domain type='qemu'|"

# A name that is none for Holdfast may be another there.
domain 'two words' "s|<qemu:commandline>|&<qemu:arg value='--name'/><qemu:arg value='two-words'/>|"
does start 'two words'
until_ "holdfastctl knows it by the other name" has_windows two-words
does destroy 'two words'

domain runs
does start runs
until_ "the guest has its windows" has_windows runs
echo "<interface type='user'/>" >"$libvirt/device.xml"
goes_on() { [ "$(private_virsh domstate runs)" = running ]; }
cannot() { # REGEX WORD ...: virsh does not do it, and the VM goes on
    fails "$@"
    until_ "it goes on after $2" goes_on
}
cannot 'not possible with Holdfast: a machine cannot be saved' save runs "$libvirt/saved"
cannot 'not possible with Holdfast' managedsave runs
cannot 'unsupported dumpformat' dump runs "$libvirt/dumped" --memory-only --format kdump-zlib
cannot 'no memory balloon' setmem runs 32M --live
cannot 'snapshots require all disks' snapshot-create runs
cannot 'greater than max allowable vcpus' setvcpus runs 2 --live
cannot "$pci|network backend is not supported" attach-device runs "$libvirt/device.xml" --live
cannot 'no screens' screenshot runs "$libvirt/shot"
has_windows runs || fail "after calls that were refused, the guest's windows are gone"
does destroy runs
exit 0
