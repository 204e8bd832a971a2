# SPDX-License-Identifier: MIT
# systemctl reload has a running VM follow its file in objects and quotas, and changes nothing where the file
# is wrong.
# shellcheck shell=bash
. tests/debian/service.bash
base=("kernel = $guests/busy_windows.elf" 'append = busy' 'memory = 16M')

conf web "${base[@]}" 'object = name=one,size=4K'
starts web
conf web "${base[@]}" 'object = name=two,path=/var/lib/holdfast/two,size=8K,create' 'quota = tag=Disk,windows=2'
systemctl reload holdfast@web || fail "no reload"
ctl --json objects web
[ "$(jq -r '[.objects[].name] | join(" ")' "$WORK/out")" = two ] || fail "$(cat "$WORK/out")"
ctl --json guarantee web
jq -e '.tags[] | select(.quota.windows == 2)' "$WORK/out" >/dev/null || fail "no quota"
pid=$(property web MainPID)
conf web "${base[@]}" 'object = name=three,size=4K' 'memory = 3'
if systemctl reload holdfast@web 2>/dev/null; then fail "a wrong file is no failure"; fi
told web "web.conf:5: word 'memory': is in line 3 already" || fail "the mistake is not told"
is web ActiveState active && is web MainPID "$pid" || fail "the VM has suffered from it"
ctl --json objects web
[ "$(jq -r '[.objects[].name] | join(" ")' "$WORK/out")" = two ] || fail "$(cat "$WORK/out")"
exit 0
