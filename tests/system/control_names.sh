# SPDX-License-Identifier: MIT
# A name belongs to one live VM; what a dead one has left is cleared; a stop leaves nothing.
. tests/system/control.bash
run=$HOLDFAST_RUNTIME_DIR
start web
[ "$(stat -c %a "$run")" = 700 ] || fail "the directory is open to others"
[ "$(stat -c %a%F "$run/web.sock")" = 600socket ] || fail "the socket is open to others"

# The same name, and the same socket, while it is alive.
"$vmm" --kernel "$guest" --name web 2>"$WORK/err" && fail "two VMs have one name"
grep -q 'a VM named web is already running' "$WORK/err" || fail "no word of the other VM"
"$vmm" --kernel "$guest" --name other --control "$run/web.sock" 2>"$WORK/err" &&
    fail "two VMs have one socket"
grep -q 'already running on the control socket' "$WORK/err" || fail "no word of the other socket"
holds '.vms | map(.name) == ["web"]' list

# A VM that a signal ends removes its socket.
kill "${pid_of[web]}"
gone web 0
[ -z "$(ls -A "$run")" ] || fail "something is left in the directory"

# A VMM that is killed cannot. list does it, and touches nothing else.
start web
start mail
touch "$run/notes" "$run/file.sock"
kill -KILL "${pid_of[web]}"
gone web 137 2>/dev/null
[ -S "$run/web.sock" ] || fail "the test is void: the socket is gone already"
expect 3 info web
says 'nobody listens'
holds '.vms | map(.name) == ["file", "mail"] or map(.name) == ["mail"]' list
[ "$(ls -A "$run" | tr '\n' ' ')" = "file.sock mail.sock notes " ] || fail "wrongly cleared: $(ls -A "$run")"
rm "$run/notes" "$run/file.sock"

# A new VM takes the name of a dead one.
kill -KILL "${pid_of[mail]}"
gone mail 137 2>/dev/null
start mail
holds '.vms | map(.name) == ["mail"]' list

# A VM with a socket elsewhere is found by its path.
start lone --control "$WORK/lone control"
holds '.name == "lone"' info "$WORK/lone control"
expect 3 info lone
holds '.state == "ended"' stop "$WORK/lone control"
gone lone 0
[ ! -e "$WORK/lone control" ] || fail "the socket elsewhere is left"
