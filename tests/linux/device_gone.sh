#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# /dev/holdfast: an object is detached by force while programs have its pages mapped: whatever the
# kernel does with such a page for a program, futex(2) that faults it in and tries again, write(2),
# the list of robust futexes of a program that ends, it ends, and with it the program; the kernel does
# not warn of it. The same while the programs are at it, but that Linux 6.1 may warn then.
. tests/linux/linux.bash
programs=(gone)
modules=(holdfast)
try() { # KERNEL [busy]
    kernel=$1 vm=$1$2
    boot --object name=o,size=64K <<END
gone o $2
status=\$?
dmesg | grep -E 'WARNING:|BUG:|Oops|general protection|lockup' && exit 7
exit \$status
END
    waits_for '^mapped' || fail "the programs do not start"
    "$ctl" detach -f "$vm" o >/dev/null || fail detach
    # They are told when the guest has had time to hear of it.
    sleep 1
    tell gone
    ended 0
    for program in wake_op lock_pi write read touch; do says "^$program ended"; done
    says '^page 0: signal 11$'
}
try 6.12-cloud ''
try 6.12-cloud busy
try 6.1-cloud ''
