#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is typed wakes a guest that sleeps until its serial port interrupts: on a pty, through a pipe;
# more than fits into the port's FIFO; and a guest that does not ask for input leaves it to others.
. tests/system/control.bash
make -s B="$BUILD" guest SRC=tests/system/guests/echo.c OUT="$WORK/echo.elf" || exit 1
letters=abcdefghijklmnopqrstuvwxyz

# ---- a pipe ----

mkfifo "$WORK/in"
"$vmm" --name piped --kernel "$WORK/echo.elf" <"$WORK/in" >"$WORK/piped.console" 2>"$WORK/piped.log" &
pid_of[piped]=$!
exec 5>"$WORK/in"
for _ in $(seq 300); do grep -q asleep "$WORK/piped.console" && break; sleep 0.1; done
for _ in 1 2 3 4; do printf '%s' "$letters" >&5; done
printf . >&5
gone piped 104
exec 5>&-
[ "$(tr -cd A-Z <"$WORK/piped.console" | wc -c)" -eq 104 ] ||
    fail "not every letter came back: $(cat "$WORK/piped.console")"

# ---- a pty ----

"$vmm" --name typed --kernel "$WORK/echo.elf" --console pty >/dev/null 2>"$WORK/typed.log" </dev/null &
pid_of[typed]=$!
for _ in $(seq 300); do
    pty=$(sed -n 's/.*console pty:\([^,]*\),.*/\1/p' "$WORK/typed.log")
    [ -z "$pty" ] || break
    sleep 0.1
done
[ -n "$pty" ] || fail "no pty in the log"
exec 6<>"$pty"
read -r -t 30 line <&6 && [ "$line" = asleep ] || fail "the pty says: $line"
printf abc >&6
read -r -t 30 -N 3 line <&6 && [ "$line" = ABC ] || fail "abc came back as $line"
printf xyz. >&6
gone typed 6
exec 6>&-

# ---- a guest that does not read ----

printf 'for others\n' >"$WORK/stdin"
exec 7<"$WORK/stdin"
"$vmm" --name deaf --kernel "$BUILD/guest/hello.elf" <&7 >/dev/null 2>&1 || fail "hello fails"
read -r line <&7 && [ "$line" = "for others" ] || fail "its standard input was read"
exit 0
