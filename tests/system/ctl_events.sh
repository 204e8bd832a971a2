# SPDX-License-Identifier: MIT
# holdfastctl events tells of what happens to a VM when it happens, in order, to several who watch, and
# ends with the VM; meanwhile others are served.
. tests/system/control.bash
start web --object name=disk,size=4K

# told WHO COUNT FILTER: so many lines of that follower are like this.
told() {
    for _ in $(seq 200); do
        [ "$(jq -c "select($3)" "$WORK/$1.events" 2>/dev/null | wc -l)" -lt "$2" ] || return 0
        sleep 0.1
    done
    cat "$WORK/$1.events"
    fail "$1 was not told $2 times: $3"
}
follow() { # WHO OPTION ...
    "$ctl" --json events "${watched:-web}" "${@:2}" >"$WORK/$1.events" 2>"$WORK/$1.err" &
    pid_of[$1]=$!
}

# What is kept comes first, and --count ends it.
expect 0 --json events web --count 1
jq -e '.event == "attached" and .name == "disk" and .number == 1' "$WORK/out" >/dev/null ||
    fail "the first event is not that of the object: $(cat "$WORK/out")"
expect 0 events web --count 1
says '^20[0-9-]* [0-9:.]*  attached disk$'

for who in one other; do follow $who; done
told other 1 '.event == "attached"'
follow late --new
expect 0 pause web
expect 0 resume web
expect 0 reset web
ready web 2
expect 0 attach web name=data,size=4K
expect 0 detach web data
for who in one other; do
    told $who 1 '.event == "detached" and .name == "data"'
    jq -r 'select(.event != "fault") | .event' "$WORK/$who.events" | tr '\n' ' ' >"$WORK/order"
    [ "$(cat "$WORK/order")" = "attached paused resumed reset attached detached " ] ||
        fail "$who was told in this order: $(cat "$WORK/order")"
    jq -se 'any(.[]; .event == "reset" and .by_guest == false)' "$WORK/$who.events" >/dev/null ||
        fail "the reset is said to be the guest's"
done
# Each time it comes up, the guest touches what is not mapped.
told one 2 '.event == "fault" and .by_guest and .vcpu == 0 and .rip > 0'
told late 1 '.event == "detached"'
[ "$(jq -r 'select(.name == "disk") | .name' "$WORK/late.events")" = "" ] || fail "--new told of what was before"

# Many who wait take no worker and no turn from others: three of four slots are theirs.
for i in $(seq 9); do follow "more$i"; done
told more9 1 '.event == "detached"'
for call in info windows objects stats guarantee; do
    timeout 5 "$ctl" $call web >/dev/null || fail "$call is kept waiting by those who wait for events"
done

# Its end is told, and ends them; who is interrupted ends as well, without a failure.
kill -INT "${pid_of[late]}"
wait "${pid_of[late]}" || fail "an interrupted one ended with $?"
unset "pid_of[late]"
expect 0 stop web
unset "pid_of[web]"
for who in one other more1 more9; do
    wait "${pid_of[$who]}" || fail "$who ended with $?: $(cat "$WORK/$who.err")"
    unset "pid_of[$who]"
    told $who 1 '.event == "vm_ends" and .name == "stop"'
done
expect 3 events web

# A call that waits for the host's memory is told of when it begins to and when it goes on.
start busy --append busy
watched=busy
follow drilled
expect 0 drill busy --primitive map --count 30
told drilled 1 '.event == "rescue_begins" and (.name | test("MAP$")) and .window > 0 and .waited_ms == null'
told drilled 1 '.event == "rescue_ends" and (.name | test("MAP$")) and .window > 0 and .waited_ms > 0'
expect 0 stop busy
unset "pid_of[busy]"
wait "${pid_of[drilled]}" || fail "drilled ended with $?"
unset "pid_of[drilled]"

# A VMM that is older does not know the call.
python3 - "$WORK" <<'END' &
import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(f"{sys.argv[1]}/old.sock"); s.listen()
open(f"{sys.argv[1]}/up", "w").close()
c, _ = s.accept(); c.recv(100); c.sendall(b"\0\0\0\x0b\x08\x01\x10\x02\x1a\x05older"); c.recv(1)
END
pid_of[old]=$!
while [ ! -e "$WORK/up" ]; do sleep 0.05; done
expect 1 events "$WORK/old.sock"
says 'older \(UNKNOWN_CALL\)'
