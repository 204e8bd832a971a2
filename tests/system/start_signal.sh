#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A signal that ends the VM is heard during the whole start, also while its RAM is made: a line says
# so, and nothing that was made is left.
. tests/system/control.bash
. tests/needs.bash
needs "${CC:-gcc}"

# A host that takes its time for each piece of memory.
cat >"$WORK/slow.c" <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int madvise(void *memory, size_t bytes, int advice)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    if (advice == 23) { /* MADV_POPULATE_WRITE */
        close(open("begun", O_CREAT | O_WRONLY, 0600));
        nanosleep(&pause, NULL);
    }
    return (int)syscall(SYS_madvise, memory, bytes, advice);
}
END
"${CC:-gcc}" -shared -fPIC -o "$WORK/slow.so" "$WORK/slow.c" || exit 1
vmm=$(realpath "$BUILD/holdfast-vmm")
guest=$(realpath "$BUILD/guest/hello.elf")

for signal in TERM INT HUP; do
    mkdir "$WORK/$signal"
    cd "$WORK/$signal" || exit 1
    # A shell starts what is in the background with SIGINT ignored.
    LD_PRELOAD=$WORK/slow.so python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$vmm" --name slow --kernel "$guest" --memory 512M \
        --console file:console --console-log file:log --object name=a,path=file,size=4K,create \
        </dev/null >"$WORK/out" 2>"$WORK/slow.log" &
    pid_of[slow]=$!
    for _ in $(seq 300); do [ ! -e begun ] || break; sleep 0.1; done
    [ -e begun ] || fail "no RAM is made: $(cat "$WORK/slow.log")"
    kill -$signal "${pid_of[slow]}"
    for _ in $(seq 100); do
        [ -e "/proc/${pid_of[slow]}" ] && ! grep -q '^State:.*Z' "/proc/${pid_of[slow]}/status" || break
        sleep 0.1
    done
    grep -q '^State:.*Z' "/proc/${pid_of[slow]}/status" 2>/dev/null || [ ! -e "/proc/${pid_of[slow]}" ] ||
        fail "SIG$signal is not heard: $(cat "$WORK/slow.log")"
    gone slow 0
    grep -q 'a signal has ended the start' "$WORK/slow.log" || fail "no line: $(cat "$WORK/slow.log")"
    [ ! -s "$WORK/out" ] || fail "the guest ran"
    rm begun
    [ -z "$(ls)" ] || fail "it has left $(ls)"
    cd "$OLDPWD" || exit 1
done
