#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A terminal that nobody reads and that takes half a line of the log holds up neither a guest that
# makes a line nor the operator.
. tests/system/control.bash
make -s B="$BUILD" guest SRC=tests/system/guests/turns_off.c OUT="$WORK/off.elf" || exit 1
mkfifo "$WORK/ready"

# Sets line to what the terminal has taken of the line that the guest made.
with_half_a_line() {
    python3 tests/system/log_terminal.py 20 \
        "$vmm" --name half --kernel "$WORK/off.elf" --paused --on-panic pause --append panic \
        >"$WORK/ready" &
    pid_of[half]=$!
    exec 8<"$WORK/ready"
    read -r -t 60 line <&8 || fail "the terminal is not full"
    [ "$line" = ready ] || fail "it says: $line"

    timeout 60 "$ctl" resume half >/dev/null || fail "it is not resumed"
    paused_again half
    timeout 60 "$ctl" stop half >/dev/null || fail "it is not stopped"
    : >"$WORK/half.log"
    gone half 0
    read -r -t 60 line <&8
}

# Where the kernel has made more room meanwhile, it takes the whole line.
for _ in 1 2 3 4 5 6 7 8; do
    with_half_a_line
    [[ $line = holdfast-vmm* ]] && [[ $line != *panicked* ]] && exit 0
done
fail "the terminal has taken '$line', not half a line: this test shows nothing"
