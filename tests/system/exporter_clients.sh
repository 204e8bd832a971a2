#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# holdfast-exporter serves / and /metrics and nothing else, and clients that are slow, huge, many or half closed
# keep nobody else from the metrics.
. tests/system/metrics.bash
start web
serve --timeout 3000
python3 tests/system/exporter_clients.py "$url" "$exporter_pid" || { cat "$WORK/exporter.log"; exit 1; }
kill -0 "$exporter_pid" || fail "the exporter has died"
# What clients do wrong is not in the log.
[ "$(wc -l <"$WORK/exporter.log")" -le 3 ] || { cat "$WORK/exporter.log"; fail "clients fill the log"; }
