# SPDX-License-Identifier: MIT
# watch shows windows and rates: on a terminal as a screen, elsewhere as blocks or as JSON, and ends
# in order when the VM does.
. tests/system/control.bash
start web --append "busy windows=40"

# JSON: one object a line, with rates from the second on.
"$ctl" watch web --json --interval 0.5 --count 3 >"$WORK/out" || fail "watch --json failed"
[ "$(wc -l <"$WORK/out")" -eq 3 ] || fail "not three lines"
jq -es 'length == 3 and all(.[]; .windows | length == 44) and .[0].maps_per_second == 0 and
        .[2].maps_per_second > 0 and .[2].stats.calls.maps > .[0].stats.calls.maps and
        (.[2].windows[] | select(.tag == 1) | .maps_per_second > 0) and
        (.[2].windows[] | select(.tag_text == "Idle") | .maps_per_second == 0)' \
    "$WORK/out" >/dev/null || { cat "$WORK/out"; fail "the JSON is not right"; }

# Blocks.
expect 0 watch web -i 0.3 -n 2
[ "$(grep -c '^ADDRESS' "$WORK/out")" -eq 2 ] || fail "not two blocks"
says '^0x[0-9a-f]+ +16 MiB +Idle '

# A screen of 80 by 20 in a terminal of its own.
python3 tests/system/ctl_watch.py "$ctl" || fail "see above"

# The end of the VM is the end of the watching.
"$ctl" watch web --interval 0.2 >"$WORK/watched" &
watcher=$!
for _ in $(seq 600); do
    [ ! -s "$WORK/watched" ] || break
    sleep 0.1
done
expect 0 stop web
gone web 0
wait $watcher || fail "watch failed when the VM ended"
tail -n 1 "$WORK/watched" | grep -q '^web has ended$' || fail "watch does not say that the VM ended"
expect 3 watch web
