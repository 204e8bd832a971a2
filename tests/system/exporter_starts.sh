#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Where holdfast-exporter listens, by option and by socket activation, and how it ends.
. tests/needs.bash
needs curl
. tests/system/metrics.bash

ends() { # STATUS REGEX WORD ...: it ends with that status and says so
    local wanted=$1 pattern=$2 status
    shift 2
    timeout 20 "$exporter" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null
    status=$?
    [ $status -eq "$wanted" ] || { cat "$WORK/out" "$WORK/err"; fail "holdfast-exporter $* ended with $status, not $wanted"; }
    says "$pattern"
}

ends 0 '^usage: holdfast-exporter' --help
ends 0 '^holdfast-exporter [0-9]' --version
ends 2 'no such option' --colour red
ends 2 'only options' metrics
ends 2 'missing' --listen
for text in 0 -1 60001 3s '' 99999999999999999999; do ends 2 '1 to 60000' --timeout "$text"; done
for text in localhost:80 127.0.0.1 ::1:80 '[::1]' '[127.0.0.1' ':80' '127.0.0.1:' 127.0.0.1:99999 127.0.0.1:x \
    "127.0.0.1:$(printf '9%.0s' $(seq 300))"; do
    ends 1 'not an address and a port' --listen "$text"
done
ends 1 'cannot listen on 192.0.2.1:80' --listen 192.0.2.1:80

# What it says of itself is what its manual says.
for word in --listen --timeout --help --version; do
    grep -q "^\.It Fl -${word#--}" deploy/man/holdfast-exporter.8 || fail "holdfast-exporter(8) does not have $word"
    "$exporter" --help | grep -qe "$word" || fail "--help does not have $word"
done

start web
serve --timeout 3000
curl -sS "$url/metrics" | grep -q '^holdfast_up{vm="web"} 1$' || fail "no metrics at $url"
[[ $url == http://127.0.0.1:* ]] || fail "it listens at $url"
ends 1 'cannot listen.*in use' --listen "${url#http://}"
# A signal ends it well, also while it waits for a VM that hangs.
kill -STOP "${pid_of[web]}"
curl -sS "$url/metrics" >/dev/null &
sleep 0.5
kill "$exporter_pid"
wait "$exporter_pid" || fail "it ended with $?"
exporter_pid=
kill -CONT "${pid_of[web]}"

# systemd's socket: a listening one on descriptor 3, for this process.
handed_over() { # KIND [COUNT]: python becomes the exporter
    exec python3 - "$exporter" "$@" <<'END'
import os, socket, sys
exporter, kind, count = (sys.argv[1:] + ["1"])[:3]
one = socket.socket(type=socket.SOCK_DGRAM if kind == "datagram" else socket.SOCK_STREAM)
one.bind(("127.0.0.1", 0))
if kind == "listens":
    one.listen()
os.dup2(one.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS=count, LISTEN_PID=str(os.getpid()))
os.execv(exporter, [exporter])
END
}
handed_over listens 2>"$WORK/exporter.log" &
exporter_pid=$!
for _ in $(seq 100); do
    url=$(sed -n 's|.*serves \(http://[^/]*\)/metrics$|\1|p' "$WORK/exporter.log")
    [ -z "$url" ] || break
    sleep 0.1
done
curl -sS "$url/metrics" | grep -q '^holdfast_up{vm="web"} 1$' || fail "no metrics on systemd's socket"
kill "$exporter_pid"
wait "$exporter_pid" || fail "it ended with $?"
exporter_pid=
refuses() { # REGEX KIND [COUNT]
    local pattern=$1
    shift
    (handed_over "$@") >"$WORK/out" 2>"$WORK/err" && fail "it takes $*"
    says "$pattern"
}
refuses 'no stream socket that listens' connects
refuses 'no stream socket that listens' datagram
refuses 'handed over 2 sockets' listens 2

# Its units are such as systemd takes.
if type -P systemd-analyze >/dev/null; then
    mkdir "$WORK/units"
    for unit in service socket; do
        sed "s|/usr/bin/holdfast-exporter|$PWD/$exporter|" "deploy/prometheus/holdfast-exporter.$unit" >"$WORK/units/holdfast-exporter.$unit"
    done
    systemd-analyze verify --man=no "$WORK/units/holdfast-exporter.socket" "$WORK/units/holdfast-exporter.service" \
        >"$WORK/verified" 2>&1 || { cat "$WORK/verified"; fail "systemd does not take the units"; }
fi
