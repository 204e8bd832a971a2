#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The script of the test VM tells a mistake in its arguments from a VM that cannot be had here, and says
# why in its last line.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}

ends() { # STATUS REGEX ARGUMENT ...
    local status=$1 regex=$2
    shift 2
    deploy/libvirt/test-vm.sh "$@" >"$WORK/output" 2>&1 </dev/null
    [ $? -eq "$status" ] || complain "test-vm.sh $*: the status is not $status"
    tail -n 1 "$WORK/output" | grep -qE -- "$regex" || complain "test-vm.sh $*: $(cat "$WORK/output")"
}
ends 2 '^usage: ' # no command
ends 2 "--processor arm: no such processor; amd or intel" --processor arm true
ends 2 "--speed: no such option" --speed high true

# A Bochs that is known not to boot Linux.
mkdir "$WORK/bin"
printf '#!/bin/sh\necho 3.1+dfsg-1\n' >"$WORK/bin/dpkg-query"
chmod 755 "$WORK/bin/dpkg-query"
PATH=$WORK/bin:$PATH
ends 77 'no test VM: (Bochs 3\.1.* cannot boot Linux|.* not installed|no terminal)' --processor intel true
[ "$failed" -eq 0 ]
