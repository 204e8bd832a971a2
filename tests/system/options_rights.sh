#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A user who may not open /dev/kvm is told which group may, as it is on this host; one whose
# XDG_RUNTIME_DIR is another's, as after su, is told so.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/needs.bash
needs setpriv unshare mount mknod
[ "$(id -u)" = 0 ] || { echo "only root can be another user"; exit 77; }
vmm=$(realpath "$BUILD/holdfast-vmm")
guest=$(realpath "$BUILD/guest/hello.elf")
# The tests' own directory is closed to others.
open=$(mktemp -d)
trap 'rm -rf "$open"' EXIT
chmod 755 "$open"
cp "$vmm" "$guest" "$open"
unset HOLDFAST_RUNTIME_DIR

fail() {
    echo "$*"
    exit 1
}

# says STATUS WORDS COMMAND ...: as a user of no group
says() {
    local status
    timeout 30 "${@:3}" "$open/holdfast-vmm" --kernel "$open/hello.elf" </dev/null >"$WORK/out" 2>"$WORK/err"
    status=$?
    [ $status = "$1" ] || fail "status $status, wanted $1: $(cat "$WORK/err")"
    [ "$(wc -l <"$WORK/err")" = 1 ] || fail "not one line: $(cat "$WORK/err")"
    grep -qF -- "$2" "$WORK/err" || fail "not said: $2; but: $(cat "$WORK/err")"
}

mkdir "$WORK/dev"
mknod "$WORK/dev/kvm" c 10 232
# shellcheck disable=SC2016 # for sh
with_device=(unshare --mount --propagation private sh -c
    'mount --bind "$1" /dev/kvm && shift && exec setpriv --reuid 64123 --clear-groups "$@"' sh "$WORK/dev/kvm")
"${with_device[@]}" true 2>/dev/null || { echo "no device can be mounted over another here"; exit 77; }
device() { # GROUP MODE
    chown "0:$1" "$WORK/dev/kvm"
    chmod "$2" "$WORK/dev/kvm"
}
device 64555 660
says 125 "member of group 64555" "${with_device[@]}"
device "$(getent group daemon | cut -d: -f3)" 660
says 125 "member of group daemon" "${with_device[@]}"
device 64555 600
says 125 "it is open to no group (owner 0:64555, mode 0600)" "${with_device[@]}"

mkdir -m 700 "$WORK/another"
group=$(stat -c %g /dev/kvm)
says 2 "XDG_RUNTIME_DIR leads there, which is not this user's" \
    env XDG_RUNTIME_DIR="$WORK/another" setpriv --reuid 64123 --groups "$group"
exit 0
