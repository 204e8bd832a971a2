# SPDX-License-Identifier: MIT
# holdfast@NAME starts a VM with all that --guarantee strict rests on (but for tables made ahead, where the
# kernel makes none), as a user of its own without
# capabilities, in a memory cgroup with a limit that nobody shares; root and members of the group may control
# it, others may not. What it writes is in the journal with its fields.
# shellcheck shell=bash
. tests/debian/service.bash

# Tables ahead take Linux 6.11; all else is there with any kernel.
mode=strict
[ "$(printf '%s\n' 6.11 "$(uname -r)" | sort -V | head -n 1)" = 6.11 ] || mode=best-effort
conf web "kernel = $guests/busy_windows.elf" 'append = busy' 'memory = 32M' "guarantee = $mode" \
    'object = name=scratch,path=/var/lib/holdfast/web.scratch,size=64K,create' 'quota = tag=Disk,windows=3'
dropin web MemoryMax=160M
starts web
is web StatusText runs || fail "its status is: $(property web StatusText)"
pid=$(property web MainPID)
user=$(id -u holdfast)
for key in Uid Gid; do
    grep -qE "^$key:(\s+$user){4}$" "/proc/$pid/status" || [ $key = Gid ] || fail "$(grep ^$key "/proc/$pid/status")"
done
for key in CapEff CapPrm CapBnd CapInh CapAmb; do
    grep -qE "^$key:\s+0+$" "/proc/$pid/status" || fail "$(grep ^$key "/proc/$pid/status")"
done
for file in "/proc/$pid"/task/*/status; do
    grep -qE '^Seccomp:\s+2$' "$file" && grep -qE '^NoNewPrivs:\s+1$' "$file" || fail "a thread without a filter: $file"
done
[ "$(cat "/proc/$pid/oom_score_adj")" = -1000 ] || fail "the OOM killer may end it"
[ "$(cat "/sys/fs/cgroup$(property web ControlGroup)/memory.max")" = $((160 << 20)) ] || fail "the limit is not the unit's"
ctl --json guarantee web
jq -e '.conditions | all(.met or .name == "tables_ahead" and $mode != "strict")' --arg mode $mode "$WORK/out" >/dev/null ||
    fail "not all is set aside: $(jq -c '.conditions[] | select(.met | not)' "$WORK/out")"
ctl info web
cat "$WORK/out"
ctl objects web
grep -q /var/lib/holdfast/web.scratch "$WORK/out" || fail "the object is not there"

# Who may control it.
[ "$(stat -c %a:%U:%G /run/holdfast-service)" = 2750:holdfast:holdfast ] || fail "$(stat -c %a:%U:%G /run/holdfast-service)"
setpriv --reuid nobody --regid nogroup --groups "$(id -g holdfast)" holdfastctl ping web >/dev/null || fail "a member of the group may not"
if setpriv --reuid nobody --regid nogroup --clear-groups holdfastctl ping web >/dev/null 2>&1; then fail "a stranger may"; fi

# The journal.
journal web HOLDFAST_VM=web --output json >"$WORK/journal"
jq -se 'any(.MESSAGE | startswith("runs; console")) and all(.SYSLOG_IDENTIFIER == "holdfast-vmm")' "$WORK/journal" >/dev/null ||
    fail "the journal has: $(jq -c '{MESSAGE, HOLDFAST_VM}' "$WORK/journal" | head -n 5)"
until_ "the access fault is in the journal" bash -c 'journalctl -q -b HOLDFAST_VM=web HOLDFAST_VCPU=0 HOLDFAST_WINDOW=0x3 PRIORITY=4 -o cat | grep -q "touches guest-physical"'

# A mistake is told with file and line, and not tried again.
conf wrong "kernel = $guests/busy_windows.elf" 'memory = 3'
if systemctl start holdfast@wrong 2>/dev/null; then fail "a VM with a wrong configuration starts"; fi
is wrong Result exit-code && is wrong NRestarts 0 || fail "$(property wrong Result), restarted $(property wrong NRestarts) times"
told wrong "/etc/holdfast/wrong.conf:2: word 'memory': 3: must be" || fail "the mistake is not told"
exit 0
