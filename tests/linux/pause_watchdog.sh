#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A busy guest is none the worse for a pause, however its vCPUs were stopped: its watchdog, which takes a
# CPU that did nothing for so long for a lockup, is told. Its clocks go on meanwhile.
. tests/linux/linux.bash
qmp=$BUILD/tests/libvirt/qmp
[ -x "$qmp" ] || { echo "no $qmp"; exit 77; }
modules=() patience=120
threshold=3 # seconds; a lockup is twice as long
append="watchdog_thresh=$threshold softlockup_panic=1"
pause=$((4 * threshold + 1))

# As libvirt starts it, but for the console.
cat >"$WORK/vmm" <<END
#!/bin/sh
exec "$PWD/$vmm" -machine isapc -qmp unix:$WORK/monitor,server=on,wait=off "\$@" --console=stdio
END
chmod 755 "$WORK/vmm"
vmm=$WORK/vmm

boot --vcpus 2 --on-reboot exit <<'END'
echo "threshold $(cat /proc/sys/kernel/watchdog_thresh), panics $(cat /proc/sys/kernel/softlockup_panic)"
(while :; do :; done) &
(while :; do :; done) &
while read -r word; do
    read -r up idle </proc/uptime
    echo "heard $word at ${up%.*}"
    [ "$word" != end ] || break
done
dmesg | grep -E 'soft lockup|stalls|blocked for more|BUG:|WARNING:' && exit 1
exit 0
END
waits_for "^threshold $threshold, panics 1" || fail "the guest does not come up"

heard() { # WORD: when, by the guest's clock
    tell "$1"
    waits_for "^heard $1 at" || fail "after $2 the guest does not answer"
    at=$(sed -n "s/^heard $1 at //p" "$WORK/$vm.console")
}
survives() { # STOP GO WORD: one command stops the vCPUs, the other lets them go on
    local word=$3 before
    heard "before_$word" "nothing"
    before=$at
    eval "$1" || fail "$1 fails"
    sleep "$pause"
    eval "$2" || fail "$2 fails"
    sleep $((2 * threshold)) # the watchdog looks several times meanwhile
    heard "after_$word" "$1"
    [ $((at - before)) -ge "$pause" ] || fail "after $1 the guest's clock has only gone on by $((at - before)) s"
}
survives "$ctl pause $vm" "$ctl resume $vm" ctl
survives "$qmp $WORK/monitor stop >$WORK/answers" "$qmp $WORK/monitor cont >$WORK/answers" qmp
survives "kill -STOP ${pid_of[$vm]}" "kill -CONT ${pid_of[$vm]}" signal
tell end
ended 0
