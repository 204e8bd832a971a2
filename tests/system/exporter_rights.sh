#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An exporter that is a member of a directory's group shows the VMs that are shared with it; others are only
# counted. It removes nothing, and where it may look nowhere it says so.
. tests/needs.bash
needs curl setpriv
. tests/system/metrics.bash
[ "$(id -u)" -eq 0 ] || { echo "only root can be members of other groups"; exit 77; }
group=65533
shared=$WORK/shared
install -d -m 2750 -g $group "$shared"
chmod o+x "$WORK" "$(dirname "$WORK")"
install -m 755 "$BUILD/holdfast-exporter" "$BUILD/holdfastctl" "$WORK"
start web --control "$shared/web.sock" --share-control
start closed --control "$shared/closed.sock"
start killed --control "$shared/killed.sock" --share-control
kill -9 "${pid_of[killed]}"
wait "${pid_of[killed]}" 2>/dev/null
unset "pid_of[killed]"

exporter=$WORK/member
printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid %s --clear-groups env -u HOME -u XDG_RUNTIME_DIR %s "$@"\n' \
    $group "HOLDFAST_RUNTIME_DIR=$shared $WORK/holdfast-exporter" >"$exporter"
chmod 755 "$exporter"
serve --timeout 3000
curl -sS -H 'Accept: application/openmetrics-text' "$url/metrics" >"$WORK/text"
reads "$WORK/text"
shows '[sample("holdfast_up") | .labels.vm, .value] == ["killed", "0", "web", "1"]'
shows 'number("holdfast_vms_forbidden") == 1 and number("holdfast_vcpus") == 1'
[ -e "$shared/killed.sock" ] || fail "it removes sockets"

# By name or path, holdfastctl says why.
setpriv --reuid 65534 --regid $group --clear-groups "$WORK/holdfastctl" metrics "$shared/closed.sock" \
    >"$WORK/out" 2>"$WORK/err"
[ $? -eq 5 ] || { cat "$WORK/err"; fail "a VM that is closed to the user is told otherwise"; }

# Where it may look nowhere there are no metrics, and not metrics of no VM.
chmod 700 "$shared"
sleep 1.2
[ "$(curl -sS -o "$WORK/out" -w '%{http_code}' "$url/metrics")" = 500 ] || { cat "$WORK/out"; fail "it has metrics of what it cannot see"; }
says 'cannot look for VMs in .*: Permission denied'
chmod 2750 "$shared"
sleep 1.2
curl -sS "$url/metrics" | grep -q '^holdfast_up{vm="web"} 1$' || fail "it does not find the VMs again"
