# SPDX-License-Identifier: MIT
# What the scripts that run a command in a VM do alike, from a directory of their own to the command's
# status; sourced by test-vm.sh and debian-vm.sh, beside a machine.bash. $vm is what they call the VM.
# shellcheck shell=bash
directory=''

unavailable() { # WHY
    echo "no $vm: $*" >&2
    exit 77
}

# In /tmp for its short path, and so that nobody can reach it.
vm_directory() {
    directory=$(mktemp -d /tmp/holdfast-vm.XXXXXX) || exit 125
    trap vm_clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

vm_clean_up() {
    trap '' INT TERM HUP
    machine_stop
    rm -rf "$directory"
}

vm_failed() { # WHY STATUS
    echo "the $vm $1; what runs it and, at the end, its kernel said:" >&2
    tail -n 60 "$directory/events" "$directory/console.log" >&2
    exit "$2"
}

# Runs what machine_make has made, and prints what comes out of it: the output of its command, then its
# status in a line that begins with the byte 036. A line that begins with 035 tells of progress. Exits.
vm_run() { # SECONDS
    local reader ended
    # The output ends when the last writer has gone: the emulator, and this script, which holds the pipe
    # open for as long as the emulator may not have opened it yet.
    exec 7<>"$directory/output.out"
    sed -u "/^\x1d/{s///; w /dev/stderr
            d}
            /\x1e/!b; h; s/.*\x1e//; w $directory/status
            g; s/\x1e.*//; /^\$/d" "$directory/output.out" 7>&- &
    reader=$!
    machine_run "$1"
    ended=$?
    exec 7>&-
    wait "$reader"

    [ ! -s "$directory/status" ] || exit "$(tail -n 1 "$directory/status")"
    [ $ended -ne 124 ] || vm_failed "did not end within $1 seconds" 124
    vm_failed "ended early" 125
}
