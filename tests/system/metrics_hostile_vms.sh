#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# VMs that lie, hang or answer drop by drop cost one time-out, spoil nobody else's metrics and forge no line;
# and a guest that changes its tags does not get samples without end.
. tests/needs.bash
PATH=$PATH:$PWD/$BUILD/prometheus/usr/bin
needs curl
. tests/system/metrics.bash
start web
python3 tests/system/metrics_servers.py "$HOLDFAST_RUNTIME_DIR" >"$WORK/servers" 2>&1 &
servers=$!
trap 'kill $servers 2>/dev/null; end_exporter' EXIT
for _ in $(seq 100); do grep -q ready "$WORK/servers" && break; sleep 0.1; done
grep -q ready "$WORK/servers" || { cat "$WORK/servers"; fail "the servers do not come up"; }

told() { # what is to be there, however the text was had
    shows 'sample("holdfast_up") | select(.labels.vm == "web") | .value == "1"'
    shows '[sample("holdfast_up") | select(.labels.vm | test("^(web|old|good_)") | not) | .value == "0"] | length >= 30 and all'
    shows '[sample("holdfast_up") | select(.labels.vm | test("^(web|old|good_)")) | .value == "1"] | length == 7 and all'
    shows '[.samples[] | select(.labels.vm // "" | startswith("bad_")) | .name] | unique == ["holdfast_answer_seconds", "holdfast_up"]'
    shows '[.samples[] | select(.labels.vm == "old") | .name] | unique == ["holdfast_answer_seconds", "holdfast_up"]'
    shows 'sample("holdfast_vm_info") | select(.labels.vm == "good_escapes") | .labels |
           .version == "1 \"\\\n} x{y=\"z?" and .guarantee == "unknown"'
    shows '[sample("holdfast_vm_info") | select(.labels.vm == "good_long") | .labels.version | length] == [128]'
    shows '[sample("holdfast_call_duration_seconds_count") | select(.labels.vm == "good_largest") | .value] == ["18446744073709551615"]'
    shows '[sample("holdfast_vm_state") | select(.labels.vm == "good_state") | .value] == ["0", "0", "0"]'
    # 32 of the first tags, the one with a quota, and the others' sum.
    shows '[sample("holdfast_tag_pages") | select(.labels.vm == "good_tags")] | length == 34 and
           (map(select(.labels.tag == "other") | .value) == ["9670"]) and any(.labels.tag == "0x7d0")'
    shows '[sample("holdfast_tag_reserves_refused_total") | select(.labels.vm == "good_tags")] | length == 33'
}

expect 0 metrics
reads "$WORK/out"
told
expect 4 metrics bad_tags_twice
expect 4 metrics bad_hangs_1

# 20 that hang would take 20 time-outs one after the other. So long is not waited for.
serve --timeout 3000
timeout 30 curl -sS -H 'Accept: application/openmetrics-text' "$url/metrics" >"$WORK/text" || fail "no text within 30 s"
reads "$WORK/text"
told
timeout 30 curl -sS "$url/metrics" >"$WORK/older" || fail "no text in the older format"
python3 tests/system/openmetrics.py --format prometheus "$WORK/older" >/dev/null || fail "the older format cannot be read"
! type -P promtool >/dev/null || promtool check metrics <"$WORK/older" || fail "promtool does not like the text"
# The log has a line for each VM and no control character.
! grep -q $'\e' "$WORK/exporter.log" || fail "what a VM says drives the terminal"
[ "$(grep -c '^holdfast-exporter: bad_tags_twice: ' "$WORK/exporter.log")" -eq 1 ] ||
    { cat "$WORK/exporter.log"; fail "the log does not tell once of a VM that lies"; }
kill -0 "$exporter_pid" || fail "the exporter has died"
