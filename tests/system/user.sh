#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A VM that root starts with --user is, once the guest runs, that user's: every thread, with no
# capability but one to lock ballast where the host leaves no other way, in a file system and a network
# of its own. The guarantee is not less for it, objects are attached as before, and a control socket that
# this user may not remove is cleared by the next VM or by holdfastctl list.
. tests/system/control.bash
[ "$(id -u)" -eq 0 ] || { echo "only root can become another user"; exit 77; }
vmm=$BUILD/holdfast-vmm # LeakSanitizer reads files of /proc that are root's
user=nobody
uid=$(id -u $user) gid=$(id -g $user)
socket=$WORK/run/of_user.sock

protection() { # NAME: "true", or why not
    "$ctl" info -j of_user | jq -r ".protections[] | select(.name == \"$1\") | if .on then \"true\" else .why_not end"
}

# Of all threads: LINE of their status.
threads_have() { # REGEX
    local status
    for status in /proc/"${pid_of[of_user]}"/task/*/status; do
        grep -qE "^$1$" "$status" || fail "thread $(sed -n 's/^Name:\s*//p' "$status"): not $1: $(grep "^${1%%:*}" "$status")"
    done
}

namespaces() { # KIND: how many its threads are in
    readlink /proc/"${pid_of[of_user]}"/task/*/ns/"$1" | sort | uniq -c | wc -l
}

for sandbox in on off; do
    start of_user --user $user --guarantee best-effort --sandbox $sandbox
    threads_have "Uid:\s+$uid\s+$uid\s+$uid\s+$uid"
    threads_have "Gid:\s+$gid\s+$gid\s+$gid\s+$gid"
    threads_have "Groups:(\s+$gid)+\s*"
    threads_have "CapEff:\s*(0{16}|0{12}4000)"
    threads_have "CapPrm:\s*(0{16}|0{12}4000)"
    [ "$(protection "another user than root")" = true ] || fail "info does not tell of the user"
    "$ctl" stop of_user >/dev/null || fail "no stop"
    wait "${pid_of[of_user]}" || fail "ended with $?: $(cat "$WORK/of_user.log")"
done

# What it cannot remove, for the directory is root's alone, it tells; the next VM of the name, and
# holdfastctl list, clear that away.
grep -q "the control socket $socket stays" "$WORK/of_user.log" || fail "not told: $(cat "$WORK/of_user.log")"
[ -S "$socket" ] || fail "the socket was removed from a directory of root's"
start of_user --user "$uid" --object name=early,size=4M
[ "$(protection "file system of its own, next to empty")" != true ] || {
    [ "$(namespaces mnt)" -eq 1 ] || fail "not all threads have one file system"
    [ "$(readlink /proc/"${pid_of[of_user]}"/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ] || fail "the file system is the host's"
    ls /proc/"${pid_of[of_user]}"/root/ | grep -vxE 'proc|sys' && fail "more than that is in its file system"
}
[ "$(protection "network of its own, empty")" != true ] || {
    [ "$(namespaces net)" -eq 1 ] || fail "not all threads have one network"
    [ "$(readlink /proc/"${pid_of[of_user]}"/ns/net)" != "$(readlink /proc/self/ns/net)" ] || fail "the network is the host's"
}

# What root alone may open is attached by root's client; a memfd is made by the VMM.
head -c 1M /dev/zero >"$WORK/of_root"
chmod 600 "$WORK/of_root"
"$ctl" attach of_user "name=late,path=$WORK/of_root" || fail "a file of root's was not attached"
"$ctl" attach of_user name=made,size=1M || fail "no memfd was attached"
"$ctl" detach of_user late || fail "no detach"
"$ctl" reset of_user >/dev/null || fail "no reset"
"$ctl" stop of_user >/dev/null || fail "no stop"
wait "${pid_of[of_user]}" || fail "ended with $?: $(cat "$WORK/of_user.log")"
"$ctl" list >/dev/null || fail "no list"
[ ! -e "$socket" ] || fail "holdfastctl list has left a dead socket"

# Where the directory is the user's, nothing stays.
mkdir "$WORK/theirs"
chown $user "$WORK/theirs"
chmod 711 "$WORK"
start of_user --user $user --control "$WORK/theirs/of_user.sock"
"$ctl" stop "$WORK/theirs/of_user.sock" >/dev/null || fail "no stop"
wait "${pid_of[of_user]}" || fail "ended with $?: $(cat "$WORK/of_user.log")"
[ -z "$(ls -A "$WORK/theirs")" ] || fail "left behind: $(ls -A "$WORK/theirs")"

refused() { # REGEX COMMAND ...: with status 2 and one line
    local said
    said=$("${@:2}" 2>&1 >/dev/null </dev/null)
    [ $? -eq 2 ] || fail "${*:2}: not refused with 2: $said"
    [[ $said =~ ^holdfast-vmm(\[[^ ]*\])?:\ $1$ ]] || fail "${*:2}: said $said"
}
refused '--user nobody-there: there is no such user' "$vmm" --kernel "$guest" --user nobody-there
refused '--user 4294967295: there is no such user' "$vmm" --kernel "$guest" --user 4294967295
refused '--user : there is no such user' "$vmm" --kernel "$guest" --user ''
refused '--user root: only root can become another user' \
    setpriv --reuid $uid --regid $gid --clear-groups "$vmm" --kernel "$guest" --user root
