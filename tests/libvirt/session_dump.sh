# SPDX-License-Identifier: MIT
# virsh dump --memory-only and on_crash coredump-* write a core file that has RAM and registers; the
# domain then goes on, ends or restarts as it should. Other ways to dump are refused with a line.
. tests/libvirt/session.bash
libvirt_start "$libvirt" || fail "libvirt does not start"
mkdir "$libvirt/cores" && chown nobody "$libvirt/cores"

core() { # FILE KERNEL VCPUS
    python3 tests/libvirt/core_file.py "$1" "$top/$2" "$3" $((64 << 20)) || fail "$1 is not right"
}
domain busy 's|<vcpu>1|<vcpu>2|'
does start busy
until_ "the guest has its windows" has_windows busy
does dump --memory-only busy "$libvirt/cores/busy"
core "$libvirt/cores/busy" busy_windows.elf 2
is_in busy 'running (booted)' || is_in busy 'running (unpaused)' || fail "after a dump, it does not run"
# libvirt 12 refuses --live by itself.
if private_virsh dump --memory-only --live busy "$libvirt/cores/live" >"$WORK/out" 2>"$WORK/err"; then
    core "$libvirt/cores/live" busy_windows.elf 2
    private_virsh domstate busy | grep -q running || fail "after a dump of it running, it does not run"
else
    grep -q 'unsupported flags' "$WORK/err" || { cat "$WORK/err"; fail "it cannot be dumped while it runs"; }
fi
does suspend busy
does dump --memory-only --format elf busy "$libvirt/cores/paused"
core "$libvirt/cores/paused" busy_windows.elf 2
is_in busy 'paused (user)' || fail "after a dump of it paused, it is not paused"
does resume busy
if command -v gdb >/dev/null; then
    gdb -batch -ex 'info registers rip' -ex 'info threads' "$top/busy_windows.elf" \
        "$libvirt/cores/busy" >"$WORK/out" 2>&1
    says '^rip  *0x'
    says '^ *2 .*Thread|^  2 '
fi
fails 'unsupported dumpformat' dump --memory-only --format kdump-zlib busy "$libvirt/cores/zlib"
fails 'cannot be saved|not possible with Holdfast' dump busy "$libvirt/cores/whole"
# A reader that is not there, or a full disk: a line, and the machine goes on.
fails '.' dump --memory-only busy /dev/full
until_ "after a dump that failed, it runs" has_windows busy
does destroy busy

for action in destroy restart; do
    domain "$action" "s|busy_windows.elf|talk.elf|" "s|<on_crash>.*</on_crash>|<on_crash>coredump-$action</on_crash>|"
    does start "$action"
    types "$action" panic 'you said: panic'
done
comes_to destroy 'shut off (crashed)'
cores() { [ "$(find "$libvirt" -path '*/qemu/dump/*' -size +60M | wc -l)" -ge 2 ]; }
until_ "each has left a core file" cores
for file in "$libvirt"/config/libvirt/qemu/dump/*; do core "$file" talk.elf 1; done
is_running() { private_virsh domstate restart | grep -q running; }
until_ "coredump-restart restarts it" is_running
does destroy restart
exit 0
