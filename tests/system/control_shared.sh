#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VM is shared with the group of its socket's directory only where that is asked for; then whatever the
# umask is. Members of the group can keep neither VMs from starting nor root and the owner out.
. tests/system/control.bash
[ "$(id -u)" -eq 0 ] || { echo "only root can be members of other groups"; exit 77; }
group=65533
shared=$WORK/shared
install -d -m 2750 -g $group "$shared"
chmod o+x "$WORK" "$(dirname "$WORK")"
install -m 755 "$ctl" "$WORK/holdfastctl"
as_member=(setpriv --reuid 65534 --regid $group --clear-groups)
member() { # COMMAND ...: as a user whose only group it is
    "${as_member[@]}" "$@" >"$WORK/out" 2>"$WORK/err"
}

# Not asked for: the mode and the group of a directory alone mean nothing.
start closed --control "$shared/closed.sock"
[ "$(stat -c %a "$shared/closed.sock")" = 600 ] || fail "a socket is open that nobody wanted shared"
member "$WORK/holdfastctl" info "$shared/closed.sock"
[ $? -eq 5 ] || fail "a member controls a VM that nobody wanted shared: $(cat "$WORK/out" "$WORK/err")"
chmod 666 "$shared/closed.sock"
member "$WORK/holdfastctl" info "$shared/closed.sock"
[ $? -eq 5 ] || fail "a member at the open door controls it"
says 'only the user of this VM and root'

"$vmm" --kernel "$guest" --control "$WORK/web.sock" --share-control 2>"$WORK/err" </dev/null &&
    fail "a socket is shared in a directory that is not"
says 'share-control.*chmod 2750'

# Asked for.
umask 022
start web --control "$shared/web.sock" --share-control
[ "$(stat -c %a:%g "$shared/web.sock")" = 660:$group ] ||
    fail "the shared socket has $(stat -c %a:%g "$shared/web.sock")"
member "$WORK/holdfastctl" info "$shared/web.sock" || fail "a member may not control it: $(cat "$WORK/err")"
setpriv --reuid 65534 --regid 65534 --clear-groups "$WORK/holdfastctl" info "$shared/web.sock" 2>"$WORK/err" &&
    fail "a stranger controls it"

# What a member attaches he must be able to open himself.
echo secret >"$WORK/secret" && chmod 600 "$WORK/secret"
echo public >"$WORK/public" && chmod 644 "$WORK/public"
for access in ro rw; do
    member "$WORK/holdfastctl" attach "$shared/web.sock" "name=secret,path=$WORK/secret,access=$access"
    [ $? -eq 1 ] || fail "a member attaches what he may not open: $(cat "$WORK/out" "$WORK/err")"
    says 'Permission denied'
done
member "$WORK/holdfastctl" attach "$shared/web.sock" "name=public,path=$WORK/public,access=rw" &&
    fail "a member attaches for writing what he may only read"
member "$WORK/holdfastctl" attach "$shared/web.sock" "name=public,path=$WORK/public,access=ro" ||
    fail "a member may not attach what he may read: $(cat "$WORK/err")"
holds '[.objects[].name] == ["public"]' objects "$shared/web.sock"

# A member holds the directory, and all connections that it can have.
"${as_member[@]}" flock --no-fork "$shared" sleep 100 &
pid_of[holder]=$!
start other --control "$shared/other.sock" --share-control
member flock -n "$shared/.lock" true && fail "a member has the lock of the sockets"
"${as_member[@]}" /usr/bin/python3 - "$shared/web.sock" <<-'END' &
	import socket, sys, time
	kept = []
	for _ in range(40):
	    one = socket.socket(socket.AF_UNIX)
	    one.connect(sys.argv[1])
	    kept.append(one)
	time.sleep(100)
END
pid_of[crowd]=$!
for _ in $(seq 100); do
    [ "$(ss -xH src "$shared/web.sock" | wc -l)" -lt 12 ] || break
    sleep 0.1
done
for _ in 1 2 3; do holds '.state == "running"' info "$shared/web.sock"; done
kill -0 "${pid_of[holder]}" "${pid_of[crowd]}" || fail "the members are gone: the test is void"
exit 0
