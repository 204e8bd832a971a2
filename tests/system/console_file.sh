#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A console's file goes on at its new end when it was rotated, also one that was handed down, and so
# does the VMM's log; what does not fit on a full disk leaves a line, the VM goes on, and so does the
# console once there is room.
. tests/system/control.bash
. tests/needs.bash
needs unshare mount
make -s B="$BUILD" guest SRC=tests/system/guests/writes.c OUT="$WORK/writes.elf" || exit 1

# ---- rotated ----

waits_for() { # FILE LINE: until the file has the line
    for _ in $(seq 300); do
        ! grep -aqx "$2" "$1" || return 0
        sleep 0.1
    done
    fail "$1 has no line $2: $(tr '\0' 0 <"$1" | tail -c 200)"
}

holes() {
    if grep -qP '\x00' "$1"; then fail "$1 has a hole in it"; fi
}

for how in file stdio fd; do
    : >"$WORK/$how.console"
    options=(--console-log file:"$WORK/$how.also")
    case $how in
    file) options+=(--console file:"$WORK/$how.console") out=/dev/null ;;
    stdio) out=$WORK/$how.console ;;
    fd) options+=(--console fd:8) out=/dev/null ;;
    esac
    "$vmm" --name $how --kernel "$WORK/writes.elf" --paused "${options[@]}" \
        </dev/null 8>"$WORK/fd.console" >"$out" 2>"$WORK/$how.log" &
    pid_of[$how]=$!
    waits_for "$WORK/$how.log" "holdfast-vmm.$how.: runs.*"
    "$ctl" resume $how >/dev/null
    waits_for "$WORK/$how.console" "line 3"
    "$ctl" pause $how >/dev/null
    : >"$WORK/$how.console"
    : >"$WORK/$how.also"
    : >"$WORK/$how.log"
    "$ctl" resume $how >/dev/null
    for file in console also; do
        for _ in $(seq 300); do
            ! grep -aq "line" "$WORK/$how.$file" || break
            sleep 0.1
        done
        grep -aq "line" "$WORK/$how.$file" || fail "$how: nothing comes after $file was rotated"
        holes "$WORK/$how.$file"
    done
    "$ctl" attach $how name=a,size=4K >/dev/null
    waits_for "$WORK/$how.log" "holdfast-vmm.$how.: control: attached object a"
    holes "$WORK/$how.log"
    "$ctl" stop $how >/dev/null
    gone $how 0
done

# ---- a full disk ----

mkdir "$WORK/disk"
mount -t tmpfs -o size=64K none "$WORK/disk" 2>/dev/null || { echo "rotation holds; no disk can be mounted here"; exit 77; }
trap 'end_all; umount "$WORK/disk"' EXIT
head -c 65536 /dev/zero >"$WORK/disk/filler"
"$vmm" --name full --kernel "$WORK/writes.elf" --console file:"$WORK/disk/console" \
    </dev/null >/dev/null 2>"$WORK/full.log" &
pid_of[full]=$!
waits_for "$WORK/full.log" "holdfast-vmm.full.: --console file:.*/disk/console: No space left on device; .*lost.*"
rm "$WORK/disk/filler"
waits_for "$WORK/full.log" "holdfast-vmm.full.: --console file:.*/disk/console: can be written again; [1-9][0-9]* bytes were lost"
waits_for "$WORK/disk/console" "line [0-9]*"
"$ctl" stop full >/dev/null
gone full 0
