# SPDX-License-Identifier: MIT
# guarantee shows what the guarantee rests on, the budgets and what each tag has of them, and all of
# it follows what the guest does.
. tests/system/control.bash
start web --append "windows=3" --quota tag=Full,windows=1,pages=100 --quota tag=0x7,extents=5

# The budgets add up to the windows: 64 KiB, 2 MiB, 16 MiB, 32 KiB and three pages.
holds '.mode == "best-effort" and (.conditions | length == 8)' guarantee web
holds '.accounts.arena_pages == {held: 4635, in_use: 272, limit: 262144}' guarantee web
holds '.accounts.windows == {held: 7, in_use: 7, limit: 4096}' guarantee web
holds '.accounts.extents | .held == 555 and .in_use == 2' guarantee web
holds '.accounts | .vmas.held == 2 * .extents.held and .vmas.in_use == 4 and
       .vmas.limit == 2 * .extents.limit' guarantee web
holds '.accounts.vmas.limit + .vmas_of_process.elsewhere + .vmas_of_process.margin <=
       .vmas_of_process.most' guarantee web
holds '.accounts.tables | .held == 10 and .limit == 512' guarantee web
holds '.accounts.ram_tables | .limit == 32 and .held == 32 and (.in_use == 0 or .in_use == 32)' \
    guarantee web
holds '.accounts.object_memory_bytes == {held: 0, in_use: 0, limit: 0}' guarantee web
holds '.conditions[] | select(.name == "ram_tables" or .name == "objects_made") | .met' guarantee web
holds '.accounts.ballast_bytes | .held > 0 and .held < .limit and .in_use == 0' guarantee web
holds '.rescues_all == 0 and .rescues == []' guarantee web
holds '.refusals == 0 and .rescued == 0 and .host_failures == 0 and .times_lent == 0' guarantee web

# The tags.
holds '.tags | length == 6 and (map(.tag) | . == sort)' guarantee web
holds '.tags[] | select(.tag_text == "Full") | .held == {windows: 1, pages: 16, extents: 16} and
       .high == .held and .quota == {windows: 1, pages: 100, extents: 0} and .refused == 0' \
    guarantee web
holds '.tags[] | select(.tag == 7) | .held.windows == 0 and .quota.extents == 5' guarantee web
holds '.tags[] | select(.tag_text == "More") | .held == {windows: 3, pages: 3, extents: 3}' \
    guarantee web

# The conditions say what is so, and what to do about the others.
holds '.conditions | all(.met or (.cure | length > 10))' guarantee web
locked=$(awk '/^VmLck/ { print $2 }' "/proc/${pid_of[web]}/status")
if [ "$locked" -gt 65536 ]; then
    holds '.conditions[] | select(.name == "ram_locked") | .met' guarantee web
fi
score=$(cat "/proc/${pid_of[web]}/oom_score_adj")
holds ".conditions[] | select(.name == \"oom_protected\") | .met == ($score == -1000)" guarantee web
expect 0 guarantee web
says '^Guarantee +best-effort$'
says '^Arena +18.1 MiB +1.06 MiB +1 GiB$'
says '^Full +1/1 +16/100 +16 +1/16/16 +0 +0 +-$'
says '^VMAs: the kernel allows'

# A VM without the guarantee says so, and what to do.
start loose --guarantee off
holds '.mode == "off" and (.conditions[:5] | all(.met | not)) and
       (.conditions[-2:] | all(.met | not)) and
       .accounts.ballast_bytes.held == 0' guarantee loose
expect 0 guarantee loose
says '^RAM locked in memory +no: start the VM with --guarantee'
! grep -q '^Ballast: ' "$WORK/out" || fail "a VM without ballast tells of its size"

# A memfd is made when it is attached, and counted.
expect 0 attach web name=memory,size=64K
holds '.accounts.object_memory_bytes == {held: 65536, in_use: 65536, limit: 65536}' guarantee web
expect 0 detach web memory

# What was set aside for windows that are gone is given back, though nobody reserves any more.
start many --append windows=2000
holds '.ballast_taken_bytes > 2600000' guarantee many
expect 0 pause many
expect 0 reset many
for _ in $(seq 100); do
    taken=$("$ctl" --json guarantee many | jq .ballast_taken_bytes)
    [ "$taken" -gt 1500000 ] || break
    sleep 0.1
done
[ "$taken" -le 1500000 ] || fail "$taken bytes of ballast are held for no window"

# An operator's budgets are limits, unless there is less anyway.
start small --budget windows=9,extents=2000,tables=1000000 --arena 64M
holds '.accounts | .windows.limit == 9 and .extents.limit == 2000 and .tables.limit == 32' \
    guarantee small
holds '.extent_bytes == {set_aside: 1024, measured: 0}' guarantee small
expect 0 guarantee small
says '^Ballast: 1024 bytes for an extent, built in\.$'

# After a reset only the quotas are left, until the guest reserves again.
expect 0 pause web
expect 0 reset web
holds '.accounts | .arena_pages.held == 0 and .windows.held == 0 and .vmas.held == 0 and
       .tables.held == 0' guarantee web
holds '.tags | map(.tag_text) == ["0x7", "Full"] and all(.high.windows == 0)' guarantee web
expect 3 guarantee nobody
