#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# holdfast@.service, as it is installed: systemd-analyze finds no fault with it, and says that its exposure
# is 2.0 or less; whom systemd-sysusers makes is whom it names; the example of a configuration has no
# mistakes.
. tests/needs.bash
set -u
needs systemd-analyze systemd-sysusers
fail() { echo "$*"; exit 1; }
most=2.0
root=$WORK/root
make -s B="$BUILD" install DESTDIR="$root" PREFIX=/usr >"$WORK/output" 2>&1 || { cat "$WORK/output"; exit 1; }
unit=$root/usr/lib/systemd/system/holdfast@.service
[ -e "$unit" ] || fail "the unit is not installed"

# Of an instance, whose programs are those that were installed there.
mkdir "$WORK/unit"
sed "s|=-\?/usr/bin/|=$root/usr/bin/|; /^Documentation=/d" "$unit" >"$WORK/unit/holdfast@web.service"
systemd-analyze verify "$WORK/unit/holdfast@web.service" >"$WORK/verified" 2>&1
status=$?
[ $status -eq 0 ] && [ ! -s "$WORK/verified" ] || { cat "$WORK/verified"; fail "systemd-analyze verify is not content"; }
systemd-analyze security --offline=yes --no-pager "$WORK/unit/holdfast@web.service" >"$WORK/security" 2>&1
figure=$(sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p' "$WORK/security")
[ -n "$figure" ] || { cat "$WORK/security"; fail "systemd-analyze security tells no figure"; }
echo "exposure: $figure"
awk -v figure="$figure" -v most=$most 'BEGIN { exit !(figure <= most) }' ||
    { grep '✗' "$WORK/security"; fail "the exposure is $figure, above $most"; }

# The user, the group and its membership.
install -D -m 644 /etc/passwd "$WORK/users/etc/passwd" && install -D -m 644 /etc/group "$WORK/users/etc/group" || exit 1
grep -q '^kvm:' "$WORK/users/etc/group" || echo 'kvm:x:991:' >>"$WORK/users/etc/group"
sed -i '/^holdfast:/d' "$WORK/users/etc/passwd" "$WORK/users/etc/group"
systemd-sysusers --root="$WORK/users" "$root/usr/lib/sysusers.d/holdfast.conf" >"$WORK/output" 2>&1 ||
    { cat "$WORK/output"; fail "systemd-sysusers fails"; }
for key in User Group; do
    name=$(sed -n "s/^$key=//p" "$unit")
    file=$WORK/users/etc/$([ $key = User ] && echo passwd || echo group)
    grep -q "^$name:" "$file" || fail "$key=$name, whom nobody makes"
done
grep -qE '^kvm:.*[:,]holdfast(,|$)' "$WORK/users/etc/group" || fail "holdfast is no member of kvm"

# The example, with the guest where it was installed.
sed "s|/usr/share|$root/usr/share|; s|/var/lib/holdfast|$WORK|" "$root/usr/share/doc/holdfast/examples/example.conf" >"$WORK/example.conf"
"$BUILD/holdfast-vmm" --config "$WORK/example.conf" --check >"$WORK/output" 2>&1
status=$?
[ $status -eq 0 ] || { [ -n "${NO_KVM:-}" ] && ! grep -v /dev/kvm "$WORK/output"; } ||
    { cat "$WORK/output"; fail "the example has mistakes"; }
[ ! -e "$WORK/example.scratch" ] || fail "--check has made the example's object"
exit 0
