#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The guest test guest_without_pages, in which the guest has handed out all its pages, notices a guest
# library that allocates in its calls.
. tests/guarantee/storm.bash
guest=$BUILD/tests/guest/guest_without_pages.elf

timeout 60 "$vmm" --memory 6M --kernel "$guest" </dev/null >"$WORK/console" 2>"$WORK/log" ||
    fail "guest_without_pages fails"
timeout 60 "$vmm" --memory 6M --kernel "$parts/guest_without_pages-allocates.elf" \
    </dev/null >"$WORK/console" 2>"$WORK/log"
[ $? -eq 3 ] || fail "a library that allocates goes through as well: this test shows nothing"
echo "with a library that allocates: $(tail -n 1 "$WORK/console")"
