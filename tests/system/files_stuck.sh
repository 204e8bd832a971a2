#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A file that never answers holds up whoever waits for it, and nobody else: the VM is under control, ends
# when it is told to, and a start ends at a signal.
. tests/needs.bash
needs unshare mount umount
if [ -z "${IN_NAMESPACE:-}" ]; then
    unshare --mount --propagation private true 2>/dev/null || { echo "no mount namespace can be had"; exit 77; }
    IN_NAMESPACE=1 exec unshare --mount --propagation private bash "$0"
fi
. tests/system/control.bash
vmm=$BUILD/holdfast-vmm # as installed: the sanitizer looks for leaks at each end
unset MAKEFLAGS MFLAGS MAKELEVEL
guest=$WORK/guest.elf
make -s B="$BUILD" guest SRC=tests/system/guests/waits_for_file.c OUT="$guest" || exit 1

declare -a servers=()
clean_up() {
    # What waits for a file goes on with an error then, and can end.
    [ ${#servers[@]} -eq 0 ] || kill "${servers[@]}" 2>/dev/null
    end_all
    for mount in "$WORK"/stuck.*; do umount -l "$mount" 2>/dev/null; done
}
trap clean_up EXIT

# stuck NAME: a file system of that name, whose files do not answer.
stuck() {
    local said status
    mkdir "$WORK/stuck.$1"
    "$BUILD/tests/system/stuck_files" "$WORK/stuck.$1" >"$WORK/stuck.$1.said" &
    servers+=($!)
    for _ in $(seq 100); do
        ! grep -q ready "$WORK/stuck.$1.said" || return 0
        kill -0 "${servers[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    wait "${servers[-1]}"
    status=$?
    cat "$WORK/stuck.$1.said"
    exit $status
}

# in_control NAME: what must be answered is.
in_control() {
    timeout 5 "$ctl" ping "$1" >/dev/null || fail "no answer to a ping, $2"
    timeout 5 "$ctl" --json info "$1" | jq -e .windows >/dev/null || fail "info does not answer, $2"
}

# late NAME WORD...: this is told why it takes so long, and goes on; looked at by told().
late() {
    local name=$1
    shift
    timeout 60 "$ctl" "$@" >"$WORK/late.$name" 2>&1 &
    pid_of[late$name]=$!
}

told() { # NAME REGEX
    wait "${pid_of[late$1]}" && fail "$1 is done, though what it waits for does not come"
    unset "pid_of[late$1]"
    grep -q "$2" "$WORK/late.$1" || fail "$1 is not told why it is late: $(cat "$WORK/late.$1")"
}

for name in start attach look1 look2 read fails; do stuck $name; done
truncate -s 64K "$WORK/file"

# At the start; attached to a VM that runs, where the client waits to open it, or the VMM looks at it;
# mapped, and touched.
"$vmm" --name start --kernel "$guest" --object "name=stuck,path=$WORK/stuck.start/open" \
    2>"$WORK/start.log" </dev/null &
pid_of[start]=$!
start web --vcpus 2 --object "name=stuck,path=$WORK/file"
start read --vcpus 2 --object "name=stuck,path=$WORK/stuck.read/read"
start fails --vcpus 2 --object "name=stuck,path=$WORK/stuck.fails/fails"
"$ctl" attach web "name=a,path=$WORK/stuck.attach/open" >/dev/null 2>&1 &
client=$!
sleep 1
for name in read fails; do
    ! grep -q 'the page came' "$WORK/$name.console" || fail "the page of $name has come: the test is void"
    in_control $name "while a vCPU waits for a page"
    late $name pause $name
done
in_control web "while a file does not open"
expect 0 attach web name=fine,size=64K
expect 0 detach web fine
kill $client
for name in look1 look2; do late $name attach web "name=$name,path=$WORK/stuck.$name/look"; done
sleep 1
expect 0 attach web "name=file,path=$WORK/file,access=ro"
in_control web "while a file system does not answer"
for command in windows objects stats guarantee map; do
    timeout 20 "$ctl" $command web >/dev/null || fail "$command does not answer"
done
holds '.state == "paused"' pause web
holds '.state == "running"' resume web
for name in look1 look2; do told $name 'file does not answer'; done
for name in read fails; do
    in_control $name "while a pause waits"
    told $name 'vCPU has not stopped'
    in_control $name "after that"
done

# The end of them all.
kill -0 "${pid_of[start]}" 2>/dev/null || fail "the start is over: $(cat "$WORK/start.log")"
began=$SECONDS
timeout 60 "$ctl" stop read >/dev/null 2>"$WORK/err" &
pid_of[stop]=$!
kill "${pid_of[start]}" "${pid_of[web]}" "${pid_of[fails]}"
for name in start web read fails; do
    gone $name 125
    grep -q 'has not ended within' "$WORK/$name.log" || fail "why $name ends is not told: $(cat "$WORK/$name.log")"
done
[ $((SECONDS - began)) -lt 40 ] || fail "it took $((SECONDS - began)) s to end"
wait "${pid_of[stop]}" || fail "stop does not see the end: $(cat "$WORK/err")"
unset "pid_of[stop]"
exit 0
