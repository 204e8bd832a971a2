#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# After a kexec, which is no reset, the windows of the kernel before are still reserved: the module says
# so when it is loaded, with what to do, and a reset is rid of them. Where none are left it says nothing.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=disk') programs=(kexec)
memory=192M

# What the second kernel runs, of the same modules.
cat >"$WORK/next.script" <<'END'
dmesg | grep 'windows with'
echo second
read -r word
reboot -f
END
deploy/linux/initramfs.sh "$WORK/next" "$WORK/next.script" \
    --module "$BUILD/linux/$kernel/modules/holdfast.ko" || fail "no second initramfs"
cp -L "$BUILD/linux/$kernel/vmlinuz" "$WORK/vmlinuz"
files=("$WORK/next" "$WORK/vmlinuz")

boot --object "name=disk,path=$WORK/disk,size=16M,create" <<END
! dmesg | grep 'windows with' || exit 1
echo first
read -r word
[ "\$word" = on ] || exit 0
kexec /vmlinuz /next $command_line
END
waits_for '^first' || fail "the guest is not ready"
tell on
waits_for '^second' || fail "the second kernel has not come"
says 'holdfast: [1-9][0-9]* windows with [1-9][0-9]* of the arena.s [0-9]* pages are there already.*reset the machine'
tell on
waits_for '^first' 2 || fail "the guest has not come again"
tell end
ended 0
