#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where standard error is the journal, lines go there with fields for VM, vCPU, window and tag, and with
# levels. Where its socket cannot be reached, standard error has the level before each line; where standard
# error is something else, a line is as it always was. With a journald of systemd's, in a namespace of its
# own.
. tests/needs.bash
needs unshare journalctl systemd-cat
journald=/usr/lib/systemd/systemd-journald
[ -x $journald ] || journald=/lib/systemd/systemd-journald
[ -x $journald ] || { echo "systemd-journald is not installed"; exit 77; }
if [ -z "${IN_NAMESPACE:-}" ]; then
    unshare --mount --propagation private true 2>/dev/null || { echo "no mount namespace can be had"; exit 77; }
    IN_NAMESPACE=1 exec unshare --mount --propagation private bash "$0"
fi
. tests/system/control.bash
vmm=$BUILD/holdfast-vmm # as it runs as a service, with its filters
mount -t tmpfs journal /run || { echo "nothing can be mounted here"; exit 77; }
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
# The host's kernel is left alone.
printf '[Journal]\nReadKMsg=no\nAudit=\nStorage=volatile\n' >/run/systemd/journald.conf.d/test.conf
# It would go on in /var.
mount -t tmpfs journal /var/log || exit 1
"$journald" >"$WORK/journald" 2>&1 &
journald_pid=$!
trap 'kill $journald_pid; end_all' EXIT
for _ in $(seq 100); do [ ! -S /run/systemd/journal/stdout ] || break; sleep 0.1; done
[ -S /run/systemd/journal/stdout ] || { cat "$WORK/journald"; echo "systemd-journald does not run here"; exit 77; }

# With its standard error in the journal, which is not told to whoever it is not.
# shellcheck disable=SC2016 # for the shell that is started
in_journal='exec env JOURNAL_STREAM="$(stat -Lc %d:%i /proc/self/fd/2)" "$@"'
journal() { journalctl --directory /run/log/journal/* --no-pager -o json "$@" 2>/dev/null; }
# has FILTER WORD...: an entry that journalctl finds with these words has the property.
has() {
    for _ in $(seq 100); do
        [ "$(journal "${@:2}" | jq -s "map(select($1)) | length")" -eq 0 ] || return 0
        sleep 0.1
    done
    journal | jq -c '{MESSAGE, PRIORITY, HOLDFAST_VM, HOLDFAST_VCPU, HOLDFAST_WINDOW, HOLDFAST_TAG, _TRANSPORT}'
    fail "no entry like: $1"
}
run() { # NAME
    systemd-cat -t plain bash -c "$in_journal" - "$vmm" --name "$1" --kernel "$guest" --append busy </dev/null &
    pid_of[$1]=$!
}

run web
has '.PRIORITY == "6" and .SYSLOG_IDENTIFIER == "holdfast-vmm" and ._TRANSPORT == "journal" and
    (.MESSAGE | startswith("runs; console"))' HOLDFAST_VM=web
has '.PRIORITY == "4" and .HOLDFAST_WINDOW == "0x3" and (.MESSAGE | startswith("vCPU 0: the instruction"))' \
    HOLDFAST_VM=web HOLDFAST_VCPU=0
expect 0 quota web Disk windows=3
has '.MESSAGE | startswith("control: quota of tag")' HOLDFAST_VM=web HOLDFAST_TAG=Disk
expect 0 stop web
gone web 0

# No socket: the level comes before the line, which journald takes away.
mv /run/systemd/journal/socket /run/systemd/journal/away
run levels
has '.PRIORITY == "4" and ._TRANSPORT == "stdout" and (.MESSAGE | startswith("holdfast-vmm[levels]: vCPU 0"))'
expect 0 stop levels
gone levels 0
mv /run/systemd/journal/away /run/systemd/journal/socket

# Standard error is another file than JOURNAL_STREAM says.
export JOURNAL_STREAM=1:2
start file
grep -q '^holdfast-vmm\[file\]: runs; console' "$WORK/file.log" || fail "a line in a file is not as before"
[ "$(journal HOLDFAST_VM=file | wc -l)" -eq 0 ] || fail "lines of a log in a file are in the journal"
expect 0 stop file
gone file 0
exit 0
