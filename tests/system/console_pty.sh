#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The console's pty is raw before anyone opens it, so that nothing that the guest sends comes back to
# it as input; and a reader that comes late gets the first that was sent, as much as the kernel keeps,
# and then what is sent from then on.
. tests/system/control.bash
make -s B="$BUILD" guest SRC=tests/system/guests/writes.c OUT="$WORK/writes.elf" || exit 1

vmm=$BUILD/holdfast-vmm # many times as fast
"$vmm" --name late --kernel "$WORK/writes.elf" --console pty --console-log file:"$WORK/sent" \
    >/dev/null 2>"$WORK/late.log" </dev/null &
pid_of[late]=$!
for _ in $(seq 300); do
    pty=$(sed -n 's/.*console pty:\([^,]*\),.*/\1/p' "$WORK/late.log")
    [ -z "$pty" ] || break
    sleep 0.1
done
[ -n "$pty" ] || fail "no pty in the log"
# Several times what any kernel keeps.
for _ in $(seq 1200); do
    [ "$(stat -c %s "$WORK/sent")" -lt 50000 ] || break
    sleep 0.1
done
state=$(stty -a <"$pty")
for word in -echo -icanon -isig -opost; do
    grep -qE -- "(^| )$word( |;|$)" <<<"$state" || fail "the pty is not $word: $state"
done

exec 6<"$pty"
number=0 last=0 kept=0
while read -r -t 30 word number <&6; do
    [ "$word $number" = "line $((last + 1))" ] || break
    last=$number kept=$((kept + ${#number} + 6))
done
[ "$last" -gt 0 ] || fail "a late reader does not get the first line but: $word $number"
for _ in 1 2 3 4 5 6 7 8 9 10; do read -r -t 30 word number <&6 || fail "nothing comes any more"; done
[ "$last" -lt 20000 ] || fail "nothing was dropped up to line $last"
[ "${number:-0}" -gt "$last" ] || fail "after line $last it goes on with $word $number"
echo "a late reader gets $kept bytes, to line $last, and goes on with line $number"
"$ctl" stop late >/dev/null
gone late 0
