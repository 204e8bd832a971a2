#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How a Linux guest ends: a reboot boots the same kernel again, or ends the VM, as --on-reboot says; a
# panic that pvpanic reports ends it with a status of its own. The guest is told at its console.
. tests/linux/linux.bash
kernel=6.12-cloud modules=()
for name in pvpanic pvpanic-mmio; do
    packed=$(find "$BUILD/linux/$kernel" -name "$name.ko.xz")
    [ -n "$packed" ] || { echo "no module $name of the kernel $kernel"; exit 77; }
    busybox unxz -c "$packed" >"$WORK/$name.ko" || exit 1
    files+=("$WORK/$name.ko")
done

finished() { # STATUS: the VMM ends by itself, with this status
    local status
    for _ in {1..600}; do is_running || break; a_moment; done
    ! is_running || fail "the VM does not end"
    wait "${pid_of[$vm]}"
    status=$?
    end_vm
    [ "$status" -eq "$1" ] || fail "the VMM ended with $status, not $1"
}

commands() {
    cat <<'END'
echo "boot $(cat /proc/sys/kernel/random/boot_id)"
echo asks
read -r word
case $word in
again) reboot -f ;;
panic)
    insmod /pvpanic.ko && insmod /pvpanic-mmio.ko || exit 1
    echo 1 >/proc/sys/kernel/printk
    echo c >/proc/sysrq-trigger
    ;;
esac
END
}

# ---- reset, then panic ----

boot <<<"$(commands)"
waits_for '^asks' || fail "the guest does not come up"
tell again
waits_for '^asks' 2 || fail "the guest does not come again"
[ "$(grep '^boot' "$WORK/guest.console" | sort -u | wc -l)" -eq 2 ] ||
    fail "the guest has not booted twice"
tell panic
finished 123
logs "the guest's kernel panicked$"

# ---- exit ----

vm=ends
boot --on-reboot exit <<<"$(commands)"
waits_for '^asks' || fail "the guest does not come up"
tell again
finished 0
logs 'the guest wanted to restart$'
