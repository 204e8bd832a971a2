# SPDX-License-Identifier: MIT
# quota limits what a tag may hold from then on, and takes the limit away again.
. tests/system/control.bash
start web

expect 0 quota web Idle windows=2 pages=5000 extents=17
says '^web: quota of tag Idle: windows=2 pages=5000 extents=17$'
holds '.tags[] | select(.tag_text == "Idle") | .quota == {windows: 2, pages: 5000, extents: 17} and
       .held.pages == 4096' guarantee web
holds '.tag == 1701602377 and .tag_text == "Idle" and
       .quota == {windows: 0, pages: 7, extents: 0}' quota web 0x656c6449 pages=7
holds '.tags[] | select(.tag_text == "Idle") | .quota == {windows: 0, pages: 7, extents: 0} and
       .held.pages == 4096' guarantee web
expect 0 quota web Idle
says '^web: tag Idle has no quota$'
holds '.tags[] | select(.tag_text == "Idle") | .quota == {windows: 0, pages: 0, extents: 0}' \
    guarantee web

# A tag that nobody has used.
expect 0 quota web HF pages=1
holds '.tags[] | select(.tag_text == "HF  ") | .quota.pages == 1 and .tag == 538986056' guarantee web
expect 0 quota web HF
holds '.tags | map(.tag_text) | index("HF  ") == null' guarantee web

# What makes no sense is refused before the VM hears of it.
for words in "" Idle5 0x0 0x100000000; do
    expect 2 quota web "$words" pages=1
done
for limit in pages=0 pages=-1 pages=1K pages= pages colour=1 "pages=1 pages=2"; do
    # shellcheck disable=SC2086
    expect 2 quota web Idle $limit
done
expect 2 quota web
expect 2 quota web Idle windows=1 pages=1 extents=1 windows=1
expect 3 quota nobody Idle pages=1

# It outlives a reset and holds then: the guest needs 512 pages for this tag.
expect 0 quota web Half pages=511
expect 0 reset web
gone web 1
grep -q "is 0x113" "$WORK/web.console" || { cat "$WORK/web.console"; fail "RESERVE was not refused"; }
