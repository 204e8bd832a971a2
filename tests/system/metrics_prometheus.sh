#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real Prometheus scrapes a real exporter of a real VM: every query of the dashboard gives data, every alert is
# taken, and the picture can be drawn.
# PICTURE=FILE SECONDS_OF_PICTURE=N: after so many seconds it is drawn there.
. tests/needs.bash
PATH=$PATH:$PWD/$BUILD/prometheus/usr/bin
needs prometheus promtool gnuplot curl
. tests/system/metrics.bash
seconds=${SECONDS_OF_PICTURE:-20}

promtool check rules deploy/prometheus/holdfast.rules.yml >"$WORK/rules" 2>&1 || { cat "$WORK/rules"; fail "the alerts are wrong"; }
(cd deploy/prometheus && promtool test rules holdfast.rules.test.yml) >"$WORK/rules" 2>&1 ||
    { cat "$WORK/rules"; fail "an alert does not fire when it has to, or does when it has not"; }

start web --append "busy windows=3" --quota tag=Full,pages=1000
serve --timeout 3000
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# The example, with this exporter and a shorter interval.
sed -e "s|127.0.0.1:9748|${url#http://}|; s|scrape_interval: 15s|scrape_interval: 1s|; s|scrape_timeout: 10s.*|scrape_timeout: 1s|" \
    -e "s|/etc/prometheus/|$PWD/deploy/prometheus/|" deploy/prometheus/scrape.yml >"$WORK/prometheus.yml"
echo "global: {evaluation_interval: 1s}" >>"$WORK/prometheus.yml"
promtool check config "$WORK/prometheus.yml" >"$WORK/config" 2>&1 || { cat "$WORK/config"; fail "the example is no configuration"; }
prometheus --config.file="$WORK/prometheus.yml" --storage.tsdb.path="$WORK/tsdb" \
    --web.listen-address="127.0.0.1:$port" --log.level=warn >"$WORK/prometheus.log" 2>&1 </dev/null &
prometheus=$!
trap 'kill $prometheus 2>/dev/null; wait $prometheus 2>/dev/null; end_exporter' EXIT

# answers QUERY: how many series Prometheus has.
answers() {
    curl -sS -G "http://127.0.0.1:$port/api/v1/query" --data-urlencode "query=$1" 2>/dev/null | jq '.data.result | length' 2>/dev/null
}
for _ in $(seq 300); do
    [ "$(answers "count_over_time(holdfast_up[${seconds}s]) >= $((seconds * 3 / 4))")" = 1 ] && break
    kill -0 "$prometheus" || { cat "$WORK/prometheus.log"; fail "Prometheus does not run"; }
    sleep 1
done
[ "$(answers 'up{job="holdfast"} == 1')" = 1 ] || { cat "$WORK/prometheus.log" "$WORK/exporter.log"; fail "Prometheus cannot scrape the exporter"; }
# So that there is something to see of shortages.
timeout 60 "$ctl" drill web --count 20 >"$WORK/drill" 2>&1 || { cat "$WORK/drill"; fail "the drill fails"; }
for _ in $(seq 100); do
    [ "$(answers 'increase(holdfast_calls_rescued_total[20s]) > 0')" = 1 ] && break
    sleep 0.2
done

python3 tests/system/dashboard_queries.py "http://127.0.0.1:$port" || fail "a query of the dashboard or an alert is wrong"
picture=${PICTURE:-$WORK/holdfast.svg}
deploy/grafana/draw.py "http://127.0.0.1:$port" "$picture" "$seconds" 2>"$WORK/draw" || { cat "$WORK/draw"; fail "the picture cannot be drawn"; }
[ "$(grep -c '<path' "$picture")" -gt 6 ] || fail "nothing is drawn in the picture"

# A VMM that is killed makes its alert pending: it fires after a minute.
kill -9 "${pid_of[web]}"
wait "${pid_of[web]}" 2>/dev/null
unset "pid_of[web]"
for _ in $(seq 100); do
    [ "$(answers 'ALERTS{alertname="HoldfastVmGone",vm="web"}')" = 1 ] && exit 0
    sleep 0.2
done
fail "no alert tells of a VMM that was killed"
