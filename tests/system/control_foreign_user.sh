# SPDX-License-Identifier: MIT
# Another user can neither reach the socket nor, where somebody has made it reachable, control the
# VM. Root controls every VM.
. tests/system/control.bash
[ "$(id -u)" -eq 0 ] || { echo "only root can be another user"; exit 77; }
start web
cp "$ctl" "$WORK/holdfastctl"
chmod 755 "$WORK" "$WORK/holdfastctl"
for directory in "$WORK" "$(dirname "$WORK")"; do
    chmod o+x "$directory"
done
as_nobody() {
    setpriv --reuid 65534 --regid 65534 --clear-groups "$WORK/holdfastctl" "$@" >"$WORK/out" 2>"$WORK/err"
}

as_nobody stop web
[ $? -eq 5 ] || { cat "$WORK/err"; fail "a stranger at the closed door does not end with 5"; }
says 'you may not control'
as_nobody list
[ $? -eq 5 ] || { cat "$WORK/err"; fail "a stranger's list does not end with 5"; }

chmod 777 "$HOLDFAST_RUNTIME_DIR" "$HOLDFAST_RUNTIME_DIR/web.sock"
as_nobody stop web
[ $? -eq 5 ] || { cat "$WORK/err"; fail "a stranger at the open door does not end with 5"; }
says 'only the user of this VM and root.*REFUSED'
as_nobody --json list
jq -e '.vms[0].state == "forbidden"' "$WORK/out" >/dev/null || fail "list does not say forbidden"
holds '.state == "running"' info web
