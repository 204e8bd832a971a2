# SPDX-License-Identifier: MIT
# A VMM whose threads stand still is ended by systemd's watchdog and started anew; one whose guest spins, is
# paused, or waits in a full memory cgroup is not.
# shellcheck shell=bash
. tests/debian/service.bash

conf web "kernel = $guests/busy_windows.elf" 'append = busy' 'memory = 16M'
dropin web WatchdogSec=20
starts web
first=$(property web MainPID)
ctl pause web
sleep 45 # more than two times the watchdog's
is web MainPID "$first" || fail "a VM that is paused was ended"
is web StatusText paused || fail "its status is: $(property web StatusText)"
ctl resume web
# No beat comes from a process that stands still.
kill -STOP "$first"
until_ "the watchdog ends it" bash -c "[ \"\$(systemctl show --value -p NRestarts holdfast@web)\" -ge 1 ]"
until_ "it runs again" is web ActiveState active
! is web MainPID "$first" || fail "it is the same process"
told web 'Watchdog timeout' || journalctl -q -b -u holdfast@web --no-pager | grep -q 'Watchdog timeout' || fail "it was not the watchdog"
ctl ping web
exit 0
