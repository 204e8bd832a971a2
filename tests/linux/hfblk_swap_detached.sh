#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: swap whose object was taken away by force can be turned off: its device stays, with errors,
# until then. A program that reads what was in it gets SIGBUS, and nothing else happens to the guest;
# an object that is attached again under the name is a device afterwards; the modules go.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=swap chunk=64K window=2M')
programs=(pageout)
memory=128M
for kernel in 6.12-cloud 6.1-cloud; do
    vm=$kernel
    boot --object name=swap,size=64M <<'END'
wait_for() {
    for i in $(seq 600); do
        eval "$1" && return
        usleep 20000
    done
    echo "in vain: $1"
    exit 1
}
mkswap /dev/hfblk0 >/dev/null && swapon /dev/hfblk0 || exit 2
mkfifo /tmp/reads /tmp/sleeps
pageout 2 </tmp/reads >/tmp/reads.out &
reads=$!
pageout 2 </tmp/sleeps >/tmp/sleeps.out &
exec 3>/tmp/reads 4>/tmp/sleeps
wait_for 'grep -q out /tmp/reads.out && grep -q out /tmp/sleeps.out'
echo swapped
read -r answer
echo go >&3
wait $reads
echo "the reader ended with $?"
echo "still swap: $(($(wc -l </proc/swaps) - 1))"
swapoff /dev/hfblk0 || exit 3
[ "$(wc -l </proc/swaps)" = 1 ] || exit 4
wait_for '[ ! -e /dev/hfblk0 ]'
echo off
wait_for '[ -e /dev/hfblk0 ]'
mkswap /dev/hfblk0 >/dev/null && swapon /dev/hfblk0 && swapoff /dev/hfblk0 || exit 5
rmmod hfblk && rmmod holdfast || exit 6
dmesg | grep -E 'BUG:|WARNING|Oops|hung task' && exit 7
exit 0
END
    waits_for '^swapped' || fail "the guest does not swap"
    "$ctl" detach -f "$vm" swap >/dev/null || fail detach
    tell detached
    waits_for '^off' || fail "the swap cannot be turned off"
    says '^the reader ended with 135$'
    says '^still swap: 1$'
    "$ctl" attach "$vm" name=swap,size=64M >/dev/null || fail attach
    ended 0
done
