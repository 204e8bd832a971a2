#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# linux-turns.sh TURNS VIRTIO_BLK_KO: measures, in the test VM. In each turn the same guest, with the
# same kernel, RAM and file of the host, runs the same programs on each device, in the order hfblk,
# virtio-writeback, virtio-none and in the next turn in the opposite one. Prints lines
# "TURN DEVICE WORDS", WORDS being what tests/linux/guests/disk.c and hog.c print.
. tests/linux/linux.bash
turns=$1 virtio_blk=$2
kernel=6.12-cloud memory=96M programs=(disk hog)
working_set=16 hog_mib=96
# Standing still is no result, but a loaded machine may take its time.
patience=240

fail() {
    echo "linux-turns: $*" >&2
    tail -n 20 "$WORK/$vm.console" "$WORK/$vm.log" >&2
    exit 1
}

script() { # DEVICE
    echo "disk $1 $working_set && mkswap $1 >/dev/null && swapon $1 && hog $hog_mib"
}

run_hfblk() {
    modules=(holdfast 'hfblk objects=disk')
    boot --object "name=disk,path=$WORK/disk,access=rw" < <(script /dev/hfblk0)
}

run_virtio() { # OPTIONS of the drive
    modules=("$virtio_blk")
    make_initramfs < <(script /dev/vda)
    launch qemu-system-x86_64 -machine q35,accel=kvm -cpu host -smp 1 -m "$memory" -nodefaults \
        -no-user-config -no-reboot -display none -serial stdio \
        -kernel "$BUILD/linux/$kernel/vmlinux" -initrd "$WORK/$vm.initramfs" \
        -append "${command_line/pci=off /}" \
        -drive "file=$WORK/disk,if=none,id=disk,format=raw,$1" -device virtio-blk-pci,drive=disk
}
run_virtio-writeback() {
    run_virtio cache=writeback,aio=io_uring
}
run_virtio-none() {
    run_virtio cache=none,aio=native
}

dd if=/dev/zero of="$WORK/disk" bs=1M count=160 status=none || fail "no room for the file"
devices=(hfblk virtio-writeback virtio-none)
for turn in $(seq "$turns"); do
    for device in "${devices[@]}"; do
        echo "$turn $device starts"
        "run_$device"
        ended 0
        sed -nE "s/^(hog: )?((sequential-|random-|pages ).*)/$turn $device \2/p" "$WORK/$vm.console"
    done
    devices=("${devices[2]}" "${devices[1]}" "${devices[0]}")
done
