# SPDX-License-Identifier: MIT
# The guest's end: by itself, by a crash, by a restart, by the end of its VMM; and what the domain
# wants then.
. tests/libvirt/session.bash
cp "$BUILD/tests/guest/crash_triple_fault.elf" "$BUILD/tests/guest/reset_releases_all.elf" "$top"
libvirt_start "$libvirt" || fail "libvirt does not start"

wants() { # ELEMENT ACTION: a sed expression
    echo "s|<on_$1>.*</on_$1>|<on_$1>$2</on_$1>|"
}
boots() { # NAME FILE [sed expression ...]: a domain with this kernel and a file as its serial port
    local name=$1 kernel=$2
    shift 2
    domain "$name" "s|busy_windows.elf|$kernel|" "s|<serial type='pty'/>|<serial type='file'><source path='$libvirt/$name.serial'/></serial>|" \
        "s|<console type='pty'/>||" "$@"
    does start "$name"
}
resets() { # NAME COUNT: at least
    local count
    count=$("${libvirt_as[@]}" "$top/holdfastctl" --json info "$1" 2>/dev/null </dev/null | jq .resets)
    [ "${count:-0}" -ge "$2" ]
}

boots off hello.elf
comes_to off 'shut off (shutdown)'
grep -q hello "$libvirt/off.serial" || fail "the serial port's file has nothing"
boots again hello.elf "$(wants poweroff restart)"
until_ "on_poweroff restart: it restarts" resets again 2
does destroy again

boots crash crash_triple_fault.elf
comes_to crash 'shut off (crashed)'
boots keep crash_triple_fault.elf "$(wants crash preserve)" "s|</devices>|<panic model='isa'/>&|"
comes_to keep 'crashed (panicked)'
until_ "the VMM is still there" resets keep 0
does destroy keep
boots retry crash_triple_fault.elf "$(wants crash restart)"
until_ "on_crash restart: it restarts" resets retry 2
does destroy retry

notes="s|name=scratch,size=1M|name=notes,size=4K|"
same='s|<cmdline>busy|<cmdline>the same at every boot|'
boots resets reset_releases_all.elf "$notes" "$same"
comes_to resets 'shut off (shutdown)'
grep -qx 'boot 4' "$libvirt/resets.serial" || fail "on_reboot restart: it was not restarted"
boots once reset_releases_all.elf "$notes" "$same" "$(wants reboot destroy)"
comes_to once 'shut off (shutdown)'
grep -qx 'boot 1' "$libvirt/once.serial" || fail "on_reboot destroy: the guest did not come to its reset"
! grep -qx 'boot 2' "$libvirt/once.serial" || fail "on_reboot destroy: it was restarted"

boots killed idle.elf
kill -9 "$(pid_of killed)"
comes_to killed 'shut off (crashed)'
does start killed
kill "$(pid_of killed)"
comes_to killed 'shut off (shutdown)'
exit 0
