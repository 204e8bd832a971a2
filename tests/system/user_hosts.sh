#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# --user and the namespaces on hosts that give less, or do more, than others: what holdfastctl info says
# is so, and a start that fails leaves nothing behind.
. tests/system/control.bash
. tests/needs.bash
needs "${CC:-gcc}" setpriv unshare chroot
[ "$(id -u)" -eq 0 ] || { echo "only root can become another user"; exit 77; }
plain=$(realpath "$BUILD/holdfast-vmm") # LeakSanitizer reads files of /proc that are root's
guest=$(realpath "$guest")
vmm=$WORK/vmm
user=nobody
files="file system of its own, next to empty"

# What start() runs: the VMM, by these words.
by() { # WORD ...
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$*" "$plain" >"$vmm"
    chmod 755 "$vmm"
}

protection() { # NAME: "true", or why not
    "$ctl" info -j host | jq -r ".protections[] | select(.name == \"$1\") | if .on then \"true\" else .why_not end"
}

stops() {
    "$ctl" stop host >/dev/null || fail "no stop"
    gone host 0
}

# Who stays root's says why.
by
start host --user root
[ "$(protection "another user than root")" = "as --user wants it" ] || fail "info says $(protection "another user than root")"
stops

# A kernel that has a process whose user changes be dumpable, as with fs.suid_dumpable 1, and that
# refuses the call that REFUSED is the number of.
cat >"$WORK/kernel.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
long syscall(long number, ...)
{
    const char *refused = getenv("REFUSED");
    long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    long argument[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        argument[i] = va_arg(list, long);
    va_end(list);
    if (refused != NULL && atol(refused) == number) {
        errno = EPERM;
        return -1;
    }
    const long result =
        real(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
    if (number == SYS_setresuid)
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return result;
}
END
"${CC:-gcc}" -shared -fPIC -o "$WORK/kernel.so" "$WORK/kernel.c" -ldl || exit 1
by env LD_PRELOAD="$WORK/kernel.so"
start host --user $user
[ "$(protection "not dumpable")" = true ] || fail "info says: $(protection "not dumpable")"
[ "$(stat -c %u /proc/"${pid_of[host]}"/mem)" -eq 0 ] || fail "processes of $user may trace the VMM"
stops

# Where threads cannot enter, main stays outside: it removes what was made.
mkdir "$WORK/made"
REFUSED=126 "$vmm" --kernel "$guest" --user $user --control "$WORK/made/socket" --console file:"$WORK/made/console" \
    --object "name=a,path=$WORK/made/file,create,size=1M" </dev/null >/dev/null 2>"$WORK/log" # capset
status=$?
[ $status -eq 2 ] || fail "ended with $status: $(cat "$WORK/log")"
grep -q 'a thread could not enter the sandbox: Operation not permitted' "$WORK/log" || fail "not told: $(cat "$WORK/log")"
[ -z "$(ls -A "$WORK/made")" ] || fail "left behind: $(ls -A "$WORK/made")"

# The signal that a VMM wants to get when its parent ends comes, although its user has changed.
setsid bash -c 'setpriv --pdeathsig KILL "$@" </dev/null >"$0" 2>&1 & echo $! >"$0.pid"; wait' \
    "$WORK/child" "$plain" --kernel "$guest" --name child --user $user &
parent=$!
for _ in $(seq 200); do ! grep -q ready "$WORK/child" 2>/dev/null || break; sleep 0.1; done
child=$(cat "$WORK/child.pid")
grep -q "^Uid:\s*$(id -u $user)" "/proc/$child/status" || fail "the VM does not come up: $(cat "$WORK/child")"
kill -KILL $parent
for _ in $(seq 100); do
    [ -e "/proc/$child" ] && ! grep -q '^State:.*Z' "/proc/$child/status" || break
    sleep 0.1
done
! "$ctl" ping child >/dev/null 2>&1 || { kill "$child"; fail "the VMM has outlived its parent"; }

# Threads enter the file system by its root, which takes CAP_SYS_CHROOT, and which would lead out of a
# chroot: the VM runs without, and info says so.
unshare -m true 2>/dev/null || { echo "no mount namespaces here"; exit 0; }
by setpriv --bounding-set -sys_chroot
start host --user $user
[ "$(protection "$files")" = "Operation not permitted" ] || fail "without CAP_SYS_CHROOT: $(protection "$files")"
stops

mkdir "$WORK/jail"
by unshare -m --propagation private sh -c "'mount --rbind / \$0 && exec chroot \$0 \"\$@\"'" "$WORK/jail"
start host --user $user
[ "$(protection "$files")" != true ] || ! ls "/proc/${pid_of[host]}/root/" | grep -vxE 'proc|sys' ||
    fail "the VMM has come out of a chroot, into that"
stops

# What is mounted below /proc is as read-only as that.
by unshare -m --propagation private sh -c "'mount -t tmpfs below /proc/sys/fs && exec \"\$@\"'" sh
start host --user $user
[ "$(protection "$files")" != true ] ||
    ! grep -E ' /proc\S* rw' "/proc/${pid_of[host]}/mountinfo" || fail "not read-only in the VMM's file system"
stops
