# SPDX-License-Identifier: MIT
# Each call of the control service tells and does what it should, on the windows that the guest has.
. tests/system/control.bash
truncate -s 300000 "$WORK/disk"
start web --append "busy object=disk windows=3" --vcpus 2 \
    --object "name=disk,path=$WORK/disk" --object name=scratch,size=1M,access=ro

holds '.vm == "web" and .milliseconds >= 0' ping web
holds ".vms | length == 1 and .[0].name == \"web\" and .[0].pid == ${pid_of[web]} and
       .[0].state == \"running\" and .[0].windows == 8 and .[0].vcpus == 2" list
holds ".name == \"web\" and .pid == ${pid_of[web]} and .vcpus == 2 and .memory_bytes == 67108864 and
       .arena.pages == 262144 and .windows == 8 and .objects == 2 and
       .append == \"busy object=disk windows=3\" and (.features | index(\"pio\") != null) and
       .protocol_minor == 3 and .abi_version == 1" info web

# The windows are those of the guest: by tag, what is mapped, what faulted.
holds '.windows | length == 8 and (map(.address) | . == sort)' windows web
holds '.windows[] | select(.tag_text == "Full") | .pages == 16 and .mapped_pages == 16' windows web
holds '.windows[] | select(.tag_text == "Half") | .pages == 512 and .mapped_pages == 256 and
       .flags == 1 and .address % 2097152 == 0' windows web
holds '.windows[] | select(.tag_text == "Idle") | .mapped_pages == 0 and .faults == 1 and
       .max_extents == 16' windows web
holds '.windows[] | select(.tag == 1) | .maps > 0 and .unmaps > 0' windows web
holds '.arena.windows == 8 and .calls.reserves == 8 and .faults == 1 and .host_failures == 0 and
       .arena.mapped_pages >= 273 and .exits > 0' stats web

# The picture adds up to the counters; the first MiB holds all but the two large windows.
holds '.cells | (map(.pages) | add) == 262144 and (map(.reserved) | add) == 4639 and
       (map(.mapped) | add | . == 273 or . == 274) and .[0].reserved == 31' map web

# Objects.
holds '.objects | map({name, bytes, writable, extents, kind}) | . == [
       {name: "disk", bytes: 300000, writable: true, extents: 1, kind: "file"},
       {name: "scratch", bytes: 1048576, writable: false, extents: 0, kind: "memfd"}]' objects web
(cd "$WORK" && "$OLDPWD/$ctl" --json attach web name=more,path=new,,file,size=8K,create) >"$WORK/out" ||
    fail "attach failed"
jq -e '.attached == "more"' "$WORK/out" >/dev/null || fail "attach does not say so"
[ "$(stat -c %s "$WORK/new,file")" -eq 8192 ] || fail "the file was not made where the client is"
holds '.objects[] | select(.name == "more") | .bytes == 8192' objects web
expect 1 attach web name=more,size=4K
says 'attached already'
expect 1 attach web "name=none,path=$WORK/none"
says 'No such file'
expect 2 attach web name=more,colour=red
says "'colour'"
expect 0 detach web more
expect 1 detach web more
says NOT_FOUND
expect 1 detach web disk
says IN_USE
expect 0 detach web disk --force
holds '.objects | map(.name) == ["scratch"]' objects web
holds '.windows[] | select(.tag_text == "Show") | .pages == 4' windows web

# Life.
holds '.state == "paused"' pause web
holds '.windows[] | select(.tag == 1)' windows web
cp "$WORK/out" "$WORK/before"
sleep 0.3
holds '.windows[] | select(.tag == 1)' windows web
cmp -s "$WORK/out" "$WORK/before" || fail "a paused guest has mapped"
holds '.state == "paused"' pause web
holds '.vms[0].state == "paused"' list
holds '.state == "running"' resume web
for _ in $(seq 100); do
    holds '.windows[] | select(.tag == 1)' windows web
    cmp -s "$WORK/out" "$WORK/before" || break
    sleep 0.1
done
cmp -s "$WORK/out" "$WORK/before" && fail "a resumed guest does not map"

# The object is gone, so that the guest ends with status 1 after the reset.
holds '.state == "running"' reset web
gone web 1
grep -q NO_OBJECT "$WORK/web.console" || grep -q FAILED "$WORK/web.console" ||
    fail "the guest did not start anew"

start web
holds '.arena.windows == 4 and .resets == 0' stats web
holds '.state == "running"' reset web
ready web 2
holds '.arena.windows == 4 and .resets == 1' stats web
holds '.state == "paused"' pause web
holds '.state == "paused"' reset web
holds '.arena.windows == 0 and .resets == 2' stats web
holds '.state == "ended"' stop web
[ ! -e "$HOLDFAST_RUNTIME_DIR/web.sock" ] || fail "stop has left the socket"
state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/${pid_of[web]}/status" 2>/dev/null)
[ "${state:-Z}" = Z ] || fail "stop did not wait for the VMM: its process is in state $state"
gone web 0
