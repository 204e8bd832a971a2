#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A log that nobody reads holds up neither a guest that ends nor the operator.
. tests/system/control.bash
make -s B="$BUILD" guest SRC=tests/system/guests/turns_off.c OUT="$WORK/off.elf" || exit 1

mkfifo "$WORK/log"
exec 8<>"$WORK/log"
"$vmm" --name unread --kernel "$WORK/off.elf" --paused --on-panic pause --append panic \
    </dev/null >/dev/null 2>&8 &
pid_of[unread]=$!
read -r -t 60 line <&8 || fail "the VMM does not say that it runs"
[[ $line = *runs* ]] || fail "the log says: $line"
dd if=/dev/zero of="$WORK/log" bs=4096 oflag=nonblock 2>/dev/null

timeout 60 "$ctl" resume unread >/dev/null || fail "it is not resumed"
paused_again unread
timeout 60 "$ctl" resume unread >/dev/null || fail "it is not resumed after the panic"
for _ in $(seq 600); do
    kill -0 "${pid_of[unread]}" 2>/dev/null || break
    sleep 0.1
done
kill -0 "${pid_of[unread]}" 2>/dev/null && fail "the VMM does not end"
: >"$WORK/unread.log"
gone unread 0
exit 0
