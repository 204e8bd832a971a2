#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A kernel that is resumed, in spite of all, on another start of the VMM than its windows are of, or
# after a reset, reads and writes nothing through them: its disks have I/O errors, a program's page is
# gone, and what is on the host stays as it is. Modules that are loaded anew have everything again.
. tests/linux/linux.bash
programs=(hibernate resident)
memory=192M
for i in $(seq 0 63); do
    head -c 65536 /dev/zero | tr '\0' "$(printf '\\%o' $((33 + i)))"
done >"$WORK/was"

# The modules are in the guest, but not loaded by its init: the kernel is asked for an image before.
for module in holdfast hfblk; do files+=("$BUILD/linux/$kernel/modules/$module.ko"); done
modules=()
cat >"$WORK/load" <<'END'
insmod /holdfast.ko && insmod /hfblk.ko objects=image,plain window=1M || exit 1
read_parts() { # FIRST: 16 of them
    for c in $(seq $1 $(($1 + 15))); do
        dd if=/dev/hfblk1 of=/dev/null bs=64k skip=$c count=1 iflag=direct 2>/dev/null
    done
}
case $1 in
resume) read_parts 40 ;;
save)
    read_parts 0
    resident plain </tmp/go >/tmp/resident &
    until grep -q mapped /tmp/resident; do usleep 20000; done
    ;;
esac
END
files+=("$WORK/load")

once() { # NAME save|reboot
    vm=$1
    boot --object "name=image,path=$WORK/image" --object "name=plain,path=$WORK/plain" <<END
first() { dd if=/dev/hfblk1 bs=64k skip=\$1 count=1 iflag=direct 2>/dev/null | head -c 4; }
mkfifo /tmp/go
exec 5<>/tmp/go
sh /load || exit 1
saved=\$(dd if=/dev/hfblk0 bs=1M skip=190 count=1 2>/dev/null | head -c 5)
[ "\$saved" = saved ] || echo saved | dd of=/dev/hfblk0 bs=1M seek=190 conv=notrunc,fsync 2>/dev/null
rmmod hfblk && rmmod holdfast || exit 2
if [ "\$saved" = saved ]; then
    hibernate resume /dev/hfblk0 'sh /load resume'
    exit 3
fi
hibernate $2 /dev/hfblk0 'sh /load save' || exit 4
echo resumed
for c in 0 1 2 15 40 60; do
    [ -z "\$(first \$c)" ] || { echo "part \$c reads \$(first \$c)"; exit 5; }
done
! dd if=/dev/zero of=/dev/hfblk1 bs=64k seek=3 count=1 oflag=direct 2>/dev/null || exit 6
echo >&5
until grep signal /tmp/resident; do usleep 20000; done
dmesg | grep -q 'has woken up on a VMM that does not know its windows' || exit 7
dmesg | grep -E 'BUG:|WARNING|Oops' && exit 8
rmmod hfblk && rmmod holdfast && sh /load || exit 9
[ "\$(first 3)" = '\$\$\$\$' ] || { echo "part 3 reads \$(first 3)"; exit 10; }
exit 0
END
}
prepare() {
    cp "$WORK/was" "$WORK/plain"
    rm -f "$WORK/image"
    truncate -s 200M "$WORK/image"
}
outcome() {
    ended 0
    says '^resumed$'
    says '^signal 11$'
    cmp "$WORK/was" "$WORK/plain" || fail "what is on the host has changed"
}

prepare
once first save
for _ in {1..3000}; do is_running || break; a_moment; done
! is_running || fail "the first VM does not end"
once second save
outcome

# A reset leaves the instance, and no window.
prepare
once third reboot
outcome
