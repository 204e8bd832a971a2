# SPDX-License-Identifier: MIT
# deploy/libvirt/README.md's recipe for virt-install starts a domain whose guest runs. virt-install
# adds of its own what it adds to every guest: clocks, input, sound, power management, ACPI.
command -v virt-install >/dev/null || { echo "virt-install not installed"; exit 77; }
. tests/libvirt/session.bash
command -v qemu-system-x86_64 >/dev/null || { echo "QEMU, which virt-install looks for, not installed"; exit 77; }
libvirt_start "$libvirt" || fail "libvirt does not start"

# The recipe itself, with this tree's programs.
sed -n '/^virt-install --/,/[^\\]$/p' deploy/libvirt/README.md |
    sed -e "s|/usr/bin/holdfast-vmm|$top/holdfast-vmm|; s|/usr/share/holdfast/guests|$top|" >"$libvirt/recipe"
grep -q '^virt-install --' "$libvirt/recipe" || fail "the README has no virt-install"
"${libvirt_as[@]}" timeout 120 bash "$libvirt/recipe" >"$WORK/out" 2>&1 </dev/null ||
    { cat "$WORK/out" "$libvirt/recipe"; fail "virt-install fails"; }
is_in busy 'running (booted)' || fail "the domain does not run"
until_ "the guest has its windows" has_windows busy
does dumpxml busy
says "<timer name='rtc' tickpolicy='catchup'/>"
does shutdown busy
comes_to busy 'shut off (shutdown)'
does start busy
until_ "the guest has its windows again" has_windows busy
does destroy busy
exit 0
