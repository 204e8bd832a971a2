#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A path may hold anything: it neither forges a line of the log or of an error nor drives the terminal of
# whoever reads them, or of whoever lists objects, as text or as JSON.
. tests/system/control.bash
forged=$'evil\nholdfast-vmm[x]: \e[2J\u009b31m\u202egpj\u2028'
path=$WORK/$forged
truncate -s 64K "$path"

# Nothing but printing characters: no C0 but newline, no C1, no mark of order.
plain() { # FILE
    ! LC_ALL=C grep -aqP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]' "$1" ||
        { od -c "$1" | tail; fail "$1 has characters that do something"; }
}

start web --object "name=o,path=$path"
timeout 60 "$ctl" objects web >"$WORK/table" || fail "objects"
plain "$WORK/table"
timeout 60 "$ctl" --json objects web >"$WORK/json" || fail "objects --json"
plain "$WORK/json"
[ "$(jq -r '.objects[] | select(.name == "o") | .source' "$WORK/json")" = "$path" ] ||
    fail "JSON tells another source: $(cat "$WORK/json")"
timeout 60 "$ctl" attach web "name=p,path=$path/none" >/dev/null 2>"$WORK/error" && fail "attached what is not there"
plain "$WORK/error"
timeout 60 "$ctl" --json attach web "name=p,path=$path/none" >/dev/null 2>"$WORK/error.json" && fail "attached it"
plain "$WORK/error.json"
[ "$(wc -l <"$WORK/error")" -eq 1 ] || fail "the error has more than a line: $(cat "$WORK/error")"
timeout 60 "$ctl" stop web >/dev/null || fail "stop"
gone web 0
plain "$WORK/web.log"
grep -q '^holdfast-vmm\[x\]' "$WORK/web.log" && fail "a line of the log is forged"

# At the start, too.
"$vmm" --kernel "$guest" --name next --object "name=o,path=$path/none" 2>"$WORK/next.log" && fail "it starts"
plain "$WORK/next.log"
[ "$(wc -l <"$WORK/next.log")" -eq 1 ] || fail "more than a line: $(cat "$WORK/next.log")"
exit 0
