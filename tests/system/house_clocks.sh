#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing waits by the clock that can be set: a wait would be longer by as much as the clock is set
# back. Only what is shown to people or guests is read from it.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
sources=(-r vmm guest include tests --include='*.[ch]')

while IFS=: read -r path line text; do
    complain "$path:$line: waits by CLOCK_REALTIME; there is a form with clock in its name: $text"
done < <(grep -nE '\b(sem_timedwait|pthread_cond_timedwait|pthread_(mutex|rwlock)_timed[a-z]*|(mtx|cnd)_timed[a-z]*|mq_timed[a-z]*)\(' \
    "${sources[@]}" | grep -v '^tests/unit/arena_flush\.c:') # until the end of time

while IFS=: read -r path line text; do
    complain "$path:$line: measures by a clock that can be set: $text"
done < <(grep -nE '\b(gettimeofday|time)\((NULL|&|0)' "${sources[@]}" |
    grep -vE '^tests/unit/windows_random\.c:.*HOLDFAST_SEED|^tests/linux/guests/rtc\.c:')

# The guest's clock, and what libvirt and events show.
while IFS=: read -r path line text; do
    complain "$path:$line: $text"
done < <(grep -nE '\bCLOCK_(REALTIME|TAI)' "${sources[@]}" |
    grep -vE '^vmm/(machine|devices)/[a-z_]+\.c:.*clock_gettime|^vmm/machine/clock\.c:.*timerfd_create|^vmm/libvirt/events\.c:.*clock_gettime|^vmm/events/events\.c:.*time_ms = ')

while IFS=: read -r path line text; do
    complain "$path:$line: measures by a clock that can be set: $text"
done < <(grep -nE '\btime\.time\(\)' -r tests deploy --include='*.py')
[ $failed -eq 0 ]
