# SPDX-License-Identifier: MIT
# Malformed frames of every kind, silent clients and too many of them: the VMM answers or drops them
# and then works as before.
. tests/system/control.bash
start web --append windows=600
python3 -B tests/system/control_hostile.py "$HOLDFAST_RUNTIME_DIR/web.sock" || fail "see above"
holds '.windows | length == 604' windows web
holds '.state == "running" and .host_failures == 0' stats web
expect 0 stop web
gone web 0
if grep -E 'Sanitizer|runtime error' "$WORK/web.log"; then
    fail "the sanitizer complains"
fi
