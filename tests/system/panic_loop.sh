#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest that panics again and again writes no more lines into the log than any other may.
. tests/system/control.bash
make -s B="$BUILD" guest SRC=tests/system/guests/turns_off.c OUT="$WORK/off.elf" || exit 1
"$vmm" --name loop --kernel "$WORK/off.elf" --on-panic reset --append panic </dev/null >/dev/null \
    2>"$WORK/loop.log" &
pid_of[loop]=$!
for _ in $(seq 600); do
    resets=$("$ctl" --json info loop 2>/dev/null | jq -r '.resets // 0')
    [ "${resets:-0}" -lt 500 ] || break
    sleep 0.1
done
lines=$(grep -c panicked "$WORK/loop.log")
seconds=$(("$("$ctl" --json info loop | jq -r .uptime_ms)" / 1000))
[ "$lines" -gt 0 ] || fail "no panic is told of"
[ "$lines" -le $((10 * (seconds + 2))) ] || fail "$lines lines in $seconds seconds"
expect 0 stop loop
gone loop 0
