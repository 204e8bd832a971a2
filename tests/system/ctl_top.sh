# SPDX-License-Identifier: MIT
# holdfastctl top shows every VM of the user, sorted as asked for, those that do not answer included, and
# follows when they come and go.
. tests/system/control.bash
start web --append busy
start mail --append busy --object name=disk,size=4K

holds '[.vms[].name] == ["mail", "web"]' top --count 1 --sort name
expect 0 --json top --count 3 --interval 0.2
[ "$(wc -l <"$WORK/out")" -eq 3 ] || fail "not one object for each picture"
jq -se '.[2].vms | length == 2 and all(.[]; .state == "running" and .windows > 0 and .maps_per_second > 0)' \
    "$WORK/out" >/dev/null || fail "no rates: $(cat "$WORK/out")"

# The largest number comes first.
expect 0 pause mail
expect 0 --json top --count 2 --interval 0.5 --sort maps
jq -se '[.[1].vms[].name] == ["web", "mail"]' "$WORK/out" >/dev/null || fail "not by maps: $(cat "$WORK/out")"
expect 0 top --count 1 --sort state
says '^NAME +\*STATE +WINDOWS'
[ "$(awk 'NR == 2 { print $1, $2 }' "$WORK/out")" = "mail paused" ] || fail "not by state: $(cat "$WORK/out")"
expect 2 top --sort nonsense
says 'nonsense'
expect 2 top web

# One that hangs costs a second and is shown; one that comes and goes is followed.
"$ctl" --json top --interval 0.3 >"$WORK/pictures" 2>"$WORK/top.err" &
pid_of[top]=$!
shows() { # FILTER
    for _ in $(seq 200); do
        tail -n 1 "$WORK/pictures" | jq -e "$1" >/dev/null 2>&1 && return
        sleep 0.1
    done
    tail -n 1 "$WORK/pictures"
    fail "top does not come to show: $1"
}
shows '.vms | length == 2'
start news --append busy
shows '[.vms[].name] | contains(["news"])'
kill -STOP "${pid_of[news]}"
shows '.vms[] | select(.name == "news") | .state == "no answer"'
shows '.vms[] | select(.name == "web") | .maps_per_second > 0'
kill -CONT "${pid_of[news]}"
shows '.vms[] | select(.name == "news") | .state == "running"'
expect 0 stop news
unset "pid_of[news]"
shows '[.vms[].name] | contains(["news"]) | not'
kill -TERM "${pid_of[top]}"
wait "${pid_of[top]}" || fail "top, interrupted, ended with $?"
unset "pid_of[top]"
[ ! -s "$WORK/top.err" ] || fail "top says $(cat "$WORK/top.err")"

# No VM at all is no failure.
expect 0 stop web
expect 0 stop mail
unset "pid_of[web]" "pid_of[mail]"
holds '.vms == []' top --count 1
