#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whoever supervises the VMM by NOTIFY_SOCKET is told when the guest runs, or waits paused, and when the
# VM ends; a VM that does not start says nothing. A socket that makes no sense, or where nobody listens,
# is refused. A watchdog is none of a process's business that WATCHDOG_PID does not name.
. tests/system/notify.bash

listen
start web
is_said '^READY=1\|STATUS=runs$'
! grep -q WATCHDOG "$said" || fail "nobody has asked for beats"
expect 0 stop web
gone web 0
is_said '^STOPPING=1\|'

listen
WATCHDOG_USEC=3000000 WATCHDOG_PID=1 "$vmm" --name paused --kernel "$guest" --paused >/dev/null 2>"$WORK/paused.log" &
pid_of[paused]=$!
is_said '^READY=1\|STATUS=paused$'
expect 0 ping paused
if grep -qx watchdog /proc/"${pid_of[paused]}"/task/*/comm; then
    fail "a watchdog that was meant for another process"
fi
expect 0 stop paused
gone paused 0

listen
if "$vmm" --kernel /nowhere 2>/dev/null; then fail "a VM without a kernel starts"; fi
sleep 0.5
[ "$(cat "$said")" = listens ] || fail "a VM that did not start said: $(cat "$said")"

for socket in nowhere vsock:2:1 "/$(printf 'x%.0s' {1..120})" /dev/null "$WORK/none"; do
    NOTIFY_SOCKET=$socket "$vmm" --kernel "$guest" 2>"$WORK/err" </dev/null
    [ $? -eq 2 ] && grep -q NOTIFY_SOCKET "$WORK/err" || fail "NOTIFY_SOCKET=$socket: $(cat "$WORK/err")"
done
exit 0
