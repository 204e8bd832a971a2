#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is no file and no block device is not opened to find that out: a writer of a FIFO goes on waiting.
. tests/system/control.bash
mkfifo "$WORK/fifo"
echo written >"$WORK/fifo" &
pid_of[writer]=$!
start web
for access in rw ro; do
    expect 1 attach web "name=f,path=$WORK/fifo,access=$access"
    says 'is neither a regular file nor a block device'
    expect 1 attach web "name=t,path=/dev/ptmx,access=$access"
    says 'is neither a regular file nor a block device'
done
"$vmm" --kernel "$guest" --name next --object "name=f,path=$WORK/fifo" 2>"$WORK/err" </dev/null &&
    fail "it starts with a FIFO"
says 'is neither a regular file nor a block device'
sleep 0.5
kill -0 "${pid_of[writer]}" 2>/dev/null || fail "the writer of the FIFO was let go on"
exit 0
