# SPDX-License-Identifier: MIT
# For the tests of metrics: exporters, and what they say.
# shellcheck shell=bash
. tests/system/control.bash
exporter=$BUILD/san/holdfast-exporter
exporter_pid=
# Debian's own python3 has Debian's readers.
python=$(PATH=/usr/bin:$PATH type -P python3)

end_exporter() {
    [ -z "$exporter_pid" ] || { kill "$exporter_pid" 2>/dev/null && wait "$exporter_pid"; }
    exporter_pid=
    end_all
}
trap end_exporter EXIT

# serve [option ...]: starts an exporter on a free port; url becomes its address.
serve() {
    "$exporter" --listen 127.0.0.1:0 "$@" 2>"$WORK/exporter.log" </dev/null &
    exporter_pid=$!
    for _ in $(seq 100); do
        url=$(sed -n 's|.*serves \(http://[^/]*\)/metrics$|\1|p' "$WORK/exporter.log" 2>/dev/null)
        [ -z "$url" ] || return 0
        kill -0 "$exporter_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$WORK/exporter.log"
    fail "the exporter does not come up"
}

# reads FILE: the file is OpenMetrics; $WORK/read.json is what it holds.
reads() {
    "$python" tests/system/openmetrics.py "$1" >"$WORK/read.json" || { head -c 100000 "$1"; fail "$1 cannot be read"; }
}

# shows FILTER: what was read has the property. sample(NAME) gives samples, number(NAME) the value of one.
shows() {
    jq -e 'def sample(name): .samples[] | select(.name == name);
           def number(name): sample(name) | .value | tonumber;
           '"$1" "$WORK/read.json" >/dev/null || {
        jq -c '.samples[] | [.name, .labels, .value]' "$WORK/read.json"
        fail "not so: $1"
    }
}
