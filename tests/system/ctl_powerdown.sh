#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# holdfastctl powerdown has a guest that listens to the power button turn itself off, and waits for that
# if it is to. It says why nothing will come of it where no driver listens or the VM is paused, and when
# the time is over.
. tests/system/control.bash
guest=$BUILD/guest/power_button.elf

start listens
expect 0 powerdown listens --wait 60
says 'listens: has turned itself off'
gone listens 0
grep -q pressed "$WORK/listens.console" || fail "the guest did not see the button"
grep -q 'control: power button' "$WORK/listens.log" || fail "the log does not tell of the button"

start unwatched
expect 0 powerdown unwatched
says 'unwatched: the power button was pressed'
gone unwatched 0

start deaf --append deaf
expect 1 powerdown deaf --wait 60
says "no driver of the guest listens to the power button"
says 'holdfastctl stop deaf'
expect 0 stop deaf
gone deaf 0

start slow --append slow
expect 1 powerdown slow --wait 0.5
says 'still runs after 0.5 s'
expect 0 pause slow
expect 1 powerdown slow
says 'is paused'
expect 0 resume slow
holds '.pressed and (.ended | not) and .vm == "slow"' powerdown slow
expect 2 powerdown slow --wait 0
expect 0 stop slow
gone slow 0

start over --on-poweroff pause
expect 0 powerdown over
for _ in $(seq 300); do
    [ "$("$ctl" --json info over | jq -r .state)" != paused ] || break
    sleep 0.1
done
expect 1 powerdown over
says 'only a reset can start it again'
expect 0 stop over
gone over 0
expect 3 powerdown over
exit 0
