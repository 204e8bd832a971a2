# SPDX-License-Identifier: MIT
# drill makes a live VM's system calls fail, every call of its guest goes through all the same, and
# nothing is left of it afterwards.
. tests/system/control.bash
start busy --append busy
start idle

# Under load: all that is asked for fails, and every call goes through.
holds '.passed and .calls > 0 and .calls_failed == 0 and .calls_retried > 0 and
       .retries >= 30 and .longest_ms > 0.1 and
       (.primitives | map(select(.primitive != "prefault")) |
        map(.primitive) == ["map", "guard", "run", "reach"] and all(.asked == 10 and .failed == 10))' \
    drill busy
expect 0 drill busy --primitive map --count 100 --wait 20
says '^map +100 +100$'
says '^busy: every call of the guest went through$'
# Also where the guest is in the middle of something that has nothing to do with a window.
expect 0 drill busy --primitive reach --count 100 --wait 20
says '^reach +100 +100$'
holds '.passed and .primitives == [{primitive: "run", asked: 3, failed: 3}]' \
    drill busy -p run -n 3 -w 5
holds '.host_failures == 0 and .rescued > 0 and .times_lent == 0 and
       (.conditions[] | select(.name == "ballast") | .met)' guarantee busy
holds '.tags[] | select(.tag == 1) | .rescued > 0 and .longest_rescue_ms > 0' guarantee busy
holds '.tags[] | select(.tag_text == "Idle") | .rescued == 0 and .longest_rescue_ms == 0' \
    guarantee busy

# A vCPU that KVM does not run waits, outside any call; it is shown, and after a second told.
"$ctl" drill busy --count 100 --wait 30 >"$WORK/run.out" 2>&1 &
first=$!
for _ in $(seq 200); do
    "$ctl" --json guarantee busy >"$WORK/out"
    ! jq -e '.rescues | any(.call == "access" and .vcpu == 0 and .address == null and .window == 0 and
        .system_call == "KVM_RUN" and .error == "ENOMEM" and .attempts > 20)' "$WORK/out" >/dev/null || break
    kill -0 $first 2>/dev/null || fail "a vCPU that waits is not shown: $(cat "$WORK/out")"
    "$ctl" guarantee busy >"$WORK/table"
done
wait $first || fail "the drill: $(cat "$WORK/run.out")"
grep -qE '^vCPU 0 +[0-9]+ ms +- +- +KVM_RUN +ENOMEM +[0-9]+$' "$WORK/table" ||
    fail "the table does not show it: $(cat "$WORK/table")"
grep -qE 'vCPU 0 has waited for a second: KVM_RUN: .*, attempt [0-9]+; a drill makes it fail; ' \
    "$WORK/busy.log" || fail "it is not told: $(cat "$WORK/busy.log")"
for _ in $(seq 100); do
    "$ctl" --json guarantee busy | jq -e '.rescues_all == 0' >/dev/null && break
    sleep 0.05
done
holds '.rescues_all == 0 and .rescues == []' guarantee busy

# Without load there is nothing to be seen, and that is no success.
expect 1 drill idle --wait 0.5
says '^idle: the guest made no call: run the drill under load$'

begin() { # COUNT: the COUNT-th long drill of idle, as first; returns when it has begun
    "$ctl" drill idle --wait 30 &
    first=$!
    for _ in $(seq 200); do
        [ "$(grep -c "a drill: .* within 30000 ms" "$WORK/idle.log")" -lt "$1" ] || return 0
        sleep 0.05
    done
    fail "drill $1 does not begin"
}

# One at a time. The first ends with its client, at once and with nothing left.
begin 1 >/dev/null
expect 1 drill idle --wait 1
says 'there is a drill already'
expect 0 ping idle
kill -KILL $first
wait $first 2>/dev/null
for _ in $(seq 100); do
    "$ctl" drill idle --wait 0.3 >"$WORK/out" 2>"$WORK/err"
    grep -q 'there is a drill already' "$WORK/err" || break
done
says 'made no call'

# A reset ends it.
begin 2 >"$WORK/reset" 2>&1
expect 0 reset idle
for _ in $(seq 100); do
    kill -0 $first 2>/dev/null || break
    sleep 0.05
done
kill -0 $first 2>/dev/null && fail "a reset does not end a drill"
wait $first
# The guest makes its calls anew; they are not for the next drill.
ready idle 2

# So does the end of the VM.
begin 3 >"$WORK/stop" 2>&1
expect 0 stop idle
gone idle 0
wait $first
[ $? -eq 4 ] || fail "the end of the VM is not told: $(cat "$WORK/stop")"

# What makes no sense is refused before the VM hears of it.
for words in "--primitive mop" "--primitive ballast" "--count 101" "--count 0" "--wait 31" "--wait 0"; do
    # shellcheck disable=SC2086
    expect 2 drill busy $words
done
expect 2 drill
expect 2 drill busy map
expect 3 drill nobody

# The guest has not noticed: it maps and unmaps, as many times as before in the same time.
holds '.windows[] | select(.tag == 1) | .maps > 100' windows busy
holds '.calls.refused == 0 and .faults == 1 and .host_failures == 0' stats busy
