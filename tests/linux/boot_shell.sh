#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A shell on the guest's serial port, with the terminal that the VMM opens for it: what is typed is
# echoed and answered, an interrupt from the keyboard ends a command, and much at once arrives whole.
. tests/linux/linux.bash
modules=()
boot --console pty <<'END'
stty sane -echoctl cols 200
echo "shell starts"
setsid cttyhack sh
END
for _ in {1..300}; do
    pty=$(sed -n 's/.*console pty:\([^,]*\),.*/\1/p' "$WORK/$vm.log")
    [ -z "$pty" ] || break
    a_moment
done
[ -n "$pty" ] || fail "no pty in the log"
exec 5<>"$pty"
cat <&5 >"$WORK/screen" &
reader=$!
readers_of[$vm]+=" $reader"

answers() { # REGEX
    for _ in {1..600}; do
        tr -d '\r' <"$WORK/screen" | grep -qE -- "$1" && return
        is_running || break
        a_moment
    done
    kill "$reader"
    cat "$WORK/screen"
    fail "the shell has not answered: $1"
}
type_in() { printf '%s' "$*" >&5; }

answers '^/ # '
type_in $'echo sum $((6 * 7))\n'
answers '^sum 42$'
answers 'echo sum \$' # the echo
type_in $'sleep 1000\n'
sleep 1 # which decides nothing: an interrupt before the command begins is taken as well
type_in $'\x03'
type_in $'echo after $?\n'
answers '^after [0-9]+$'
long=$(printf 'x%.0s' {1..900})
type_in "echo $long | wc -c"$'\n'
answers '^901$'
type_in $'poweroff -f\n'
for _ in {1..300}; do is_running || break; a_moment; done
! is_running || { kill "$reader"; fail "the VM does not end"; }
wait "${pid_of[$vm]}" || fail "the VMM failed"
kill "$reader"
end_vm
