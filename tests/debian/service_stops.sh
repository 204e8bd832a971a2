# SPDX-License-Identifier: MIT
# systemctl stop presses the power button of a guest that listens, and it turns itself off; one that does not,
# or is paused, is ended at once, and one that hears it and goes on when the time of the unit is over.
# shellcheck shell=bash
. tests/debian/service.bash

for way in listens deaf slow paused; do
    conf $way "kernel = $guests/power_button.elf" "append = $way" 'memory = 16M'
    [ $way != slow ] || dropin slow 'ExecStop=' "ExecStop=-/usr/bin/holdfastctl powerdown slow --wait 5"
    starts $way
    until_ "the guest of $way is ready" told $way '^ready'
    [ $way != paused ] || ctl pause paused
    systemctl stop holdfast@$way || fail "$way does not stop"
    is $way Result success || fail "$way: $(property $way Result)"
    [ ! -e /run/holdfast-service/$way.sock ] || fail "the control socket of $way is left"
done
told listens '^pressed' && told listens 'the guest turned itself off' || fail "the guest that listens was not asked"
told deaf 'no driver of the guest listens' || fail "why the button is in vain is not told"
told slow '^pressed' && told slow 'still runs after 5 s' || fail "the slow guest was not waited for"
told paused 'is paused' || fail "that it is paused is not told"
[ -d /run/holdfast-service ] || fail "the directory of the other VMs' sockets went with one of them"
exit 0
