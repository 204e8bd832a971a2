#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# holdfastctl metrics prints OpenMetrics that strict readers take, with the numbers that stats and guarantee
# tell, and its metrics are those of holdfast-metrics(7).
. tests/system/metrics.bash

metrics() { # [WORD ...]
    expect 0 metrics "$@"
    reads "$WORK/out"
}

# Without a VM there are the metrics' names and no sample of one.
mkdir -p "$HOLDFAST_RUNTIME_DIR" && chmod 700 "$HOLDFAST_RUNTIME_DIR"
metrics
shows '.samples == [{family: "holdfast_vms_forbidden", name: "holdfast_vms_forbidden", labels: {}, value: "0"}]'
expect 3 metrics nobody

start web --append "busy windows=3" --vcpus 2 --quota tag=Full,windows=9,pages=1000
metrics
cp "$WORK/out" "$WORK/web.text"
shows '[sample("holdfast_up") | .labels.vm, .value] == ["web", "1"]'
shows 'number("holdfast_vcpus") == 2 and number("holdfast_ram_bytes") == 67108864'
shows 'sample("holdfast_vm_info") | .labels.guarantee == "best-effort" and (.labels.version | length > 0)'
shows '[sample("holdfast_vm_state") | select(.value == "1") | .labels.state] == ["running"]'
shows 'number("holdfast_faults_total") == 1 and number("holdfast_reserves_total") == 7'
shows '[sample("holdfast_account_held") | select(.labels.account == "windows") | .value] == ["7"]'
shows '[sample("holdfast_account_held_pages") | .value | tonumber] == [4635]'
shows '[sample("holdfast_tag_pages") | select(.labels.tag_text == "Full") | .labels.tag, .value] == ["0x6c6c7546", "16"]'
shows '[sample("holdfast_tag_quota_pages") | select(.labels.tag_text == "Full") | .value] == ["1000"]'
shows '[sample("holdfast_vmm_memory_bytes") | .value | tonumber > 0] | length == 3 and all'
shows 'number("holdfast_vmm_cpu_seconds_total") > 0 and number("holdfast_exits_total") > 0'
# Every MAP was timed, and no call that was refused.
shows '[sample("holdfast_call_duration_seconds_count") | .labels.call] == ["MAP", "UNMAP", "REMAP"]'
"$ctl" pause web >/dev/null
holds . stats web
cp "$WORK/out" "$WORK/stats.json"
metrics web
shows "(number(\"holdfast_calls_total\")) == $(jq .calls.total "$WORK/stats.json")"
shows "(number(\"holdfast_maps_total\")) == $(jq .calls.maps "$WORK/stats.json")"
shows '([sample("holdfast_call_duration_seconds_count") | select(.labels.call != "UNMAP") | .value | tonumber] | add)
       == number("holdfast_maps_total")'
shows '[sample("holdfast_vm_state") | select(.value == "1") | .labels.state] == ["paused"]'
# By path, too.
metrics "$HOLDFAST_RUNTIME_DIR/web.sock"
shows '[sample("holdfast_up") | .labels.vm, .value] == ["web", "1"]'

# A VMM that was killed is told of, for its socket is still there.
kill -9 "${pid_of[web]}"
wait "${pid_of[web]}" 2>/dev/null
unset "pid_of[web]"
metrics
shows '[sample("holdfast_up") | .labels.vm, .value] == ["web", "0"]'
shows '[.samples[].name] | unique == ["holdfast_answer_seconds", "holdfast_up", "holdfast_vms_forbidden"]'

# The manual's list is what the text says, name by name.
python3 - "$WORK/web.text" >"$WORK/list" <<'END'
import re, sys
kinds, units = {}, {}
for line in open(sys.argv[1]):
    word = re.fullmatch(r"# (HELP|TYPE|UNIT) (\S+) (.*)\n", line)
    if word and word[1] == "HELP":
        name, help_ = word[2], word[3]
    elif word and word[1] == "TYPE":
        suffix = {"counter": "_total", "info": "_info"}.get(word[3], "")
        print(f".It Li {name}{suffix} Pq {word[3]}\n{help_}")
END
sed -n '/^\.Sh METRICS/,/^\.Sh BUCKETS/p' deploy/man/holdfast-metrics.7 | sed '1,/^\.Bl/d; /^\.El/,$d' >"$WORK/page"
diff "$WORK/list" "$WORK/page" >"$WORK/difference" || {
    cat "$WORK/difference"
    fail "holdfast-metrics(7) has other metrics (<: the text, >: the page)"
}
