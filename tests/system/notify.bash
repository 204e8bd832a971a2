# SPDX-License-Identifier: MIT
# For tests of what the VMM tells whoever supervises it: control.bash, and somebody who listens.
# shellcheck shell=bash
. tests/system/control.bash
vmm=$BUILD/holdfast-vmm # as it runs as a service, with its filters
said=$WORK/said listener=''

end_listener() {
    [ -z "$listener" ] || kill "$listener" 2>/dev/null
    end_all
}
trap end_listener EXIT

# Listens, to what is started from now on, anew.
listen() {
    [ -z "$listener" ] || { kill "$listener"; wait "$listener" 2>/dev/null; }
    rm -f "$WORK/notify"
    python3 tests/system/notify.py "$WORK/notify" >"$said" &
    listener=$!
    export NOTIFY_SOCKET=$WORK/notify
    is_said listens
}

# is_said REGEX [COUNT]: waits until so many lines like this have come.
is_said() {
    for _ in $(seq 600); do
        [ "$(grep -cE -- "$1" "$said")" -lt "${2:-1}" ] || return 0
        sleep 0.1
    done
    cat "$said" "$WORK"/*.log
    fail "not said to the supervisor: $1"
}

# beats_on WHAT: some more beats come.
beats_on() {
    is_said '^WATCHDOG=1$' $(($(grep -c '^WATCHDOG=1$' "$said") + 8)) || fail "no beats $1"
}

thread_of() { # VM NAME: the number of its thread
    grep -lx "$2" /proc/"${pid_of[$1]}"/task/*/comm | sed 's|/comm$||; s|.*/||'
}
