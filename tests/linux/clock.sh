#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The clock that Linux finds through ACPI: read at the beginning of a second, set for this guest alone,
# and its interrupts; by programs and by the kernel's calls. A reset keeps what it is set to.
. tests/linux/linux.bash
needs hwclock
modules=() programs=(rtc hwclock) patience=120
[ -x "$BUILD/linux/programs/rtc" ] || { echo "no $BUILD/linux/programs/rtc"; exit 77; }

commands() {
    cat <<'END'
fails() { echo "fails: $*"; exit 1; }
name=$(cat /sys/class/rtc/rtc0/name)
echo "clock $name at $(cat /sys/class/rtc/rtc0/date) $(cat /sys/class/rtc/rtc0/time)"
case $name in "rtc_cmos 0"*) ;; *) fails "$name is not the one of ACPI" ;; esac
[ "$(cut -d- -f1 /sys/class/rtc/rtc0/date)" != 2001 ] || { echo "kept"; exit 0; }
rtc || fails "rtc"

hwclock() { /bin/hwclock --noadjfile --utc "$@"; }
read -r before idle </proc/uptime
hwclock --show || fails "hwclock --show"
read -r after idle </proc/uptime
# Without its interrupt it waits for 10 seconds.
[ $((${after%.*} - ${before%.*})) -lt 9 ] || fails "hwclock took from $before to $after"
date -u -s '2001-02-03 04:05:06' || fails "date"
hwclock --systohc || fails "hwclock --systohc"
grep -q '^2001-02-03' /sys/class/rtc/rtc0/date || fails "it is not set: $(cat /sys/class/rtc/rtc0/date)"
date -u -s '2020-01-01 00:00:00'
hwclock --hctosys || fails "hwclock --hctosys"
[ "$(date -u +%Y-%m-%d)" = 2001-02-03 ] || fails "the system's time is $(date -u)"
echo "interrupts $(grep 'rtc0' /proc/interrupts)"
grep -q "8-edge *rtc0" /proc/interrupts || fails "no interrupt 8"
reboot -f
END
}
boot <<<"$(commands)"
waits_for '^init: status|^kept' || fail "the guest stands still"
ended 0
for part in date_read update_read alarm_set wake_alarm_set it_can_be_set; do says "^$part passed"; done
says '^kept'
