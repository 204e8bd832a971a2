#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: while the host refuses to map a file, requests for chunks that are not mapped fail, and a chunk
# that was to make room for such a one is mapped no longer. Once the host gives in, every chunk can be
# read and written again, in every slot, and the modules go.
. tests/linux/linux.bash
needs chattr jq
modules=(holdfast 'hfblk objects=disk chunk=64K window=128K')
head -c 512K /dev/urandom >"$WORK/disk"
# Nobody may map an append-only file to write to it, whoever has it open.
chattr +a "$WORK/disk" 2>/dev/null && chattr -a "$WORK/disk" ||
    { echo "no file can be made append-only here"; exit 77; }
trap 'chattr -a "$WORK/disk"; end_all' EXIT

boot --object "name=disk,path=$WORK/disk" <<'END'
cd /sys/block/hfblk0/holdfast
chunk() {
    dd if=/dev/hfblk0 bs=64k skip=$1 count=1 iflag=direct 2>/dev/null
}
chunk 0 >/dev/null && chunk 1 >/dev/null || exit 1
echo "mapped in $(cat slots) slots"
read -r answer
for i in 2 3 4 5; do chunk $i >/dev/null && exit 2; done
echo "refused $(cat refused)"
read -r answer
for i in 0 1 2 3 4 5 6 7; do echo "chunk $i $(chunk $i | md5sum)"; done
dd if=/dev/zero of=/dev/hfblk0 bs=64k seek=5 count=1 oflag=direct conv=notrunc 2>/dev/null || exit 3
echo "refused in all $(cat refused)"
rmmod hfblk && rmmod holdfast || exit 4
dmesg | grep -E 'BUG:|WARNING|Oops' && exit 5
exit 0
END
waits_for '^mapped in 2 slots$' || fail "the guest maps nothing"
chattr +a "$WORK/disk"
tell go
waits_for '^refused 4$' || fail "not every request has failed"
"$ctl" --json windows "$vm" >"$WORK/windows"
jq -e '.windows | map(select(.tag_text == "HFBK")) | length == 1 and .[0].mapped_pages == 0' \
    "$WORK/windows" >/dev/null || fail "a slot has kept what it had: $(cat "$WORK/windows")"
grep -q 'the host refuses a mapping: Permission denied' "$WORK/$vm.log" || fail "it is not logged"
chattr -a "$WORK/disk"
cp "$WORK/disk" "$WORK/before"
tell go
ended 0
for i in 0 1 2 3 4 5 6 7; do
    says "^chunk $i $(dd if="$WORK/before" bs=64k skip=$i count=1 2>/dev/null | md5sum)$"
done
says '^refused in all 4$'
cmp <(dd if="$WORK/disk" bs=64k skip=5 count=1 2>/dev/null) <(head -c 64K /dev/zero) ||
    fail "what was written afterwards is not in the file"
