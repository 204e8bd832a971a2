#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the README tells a newcomer to do works.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}
unset MAKEFLAGS MFLAGS MAKELEVEL

# Its guest is the example, word for word.
awk '/^```c$/ { on = 1; next } /^```$/ { on = 0 } on' README.md >"$WORK/my.c"
diff guest/examples/window.c "$WORK/my.c" >"$WORK/difference" ||
    complain "the guest in README.md is not guest/examples/window.c: $(cat "$WORK/difference")"

# It builds as the README says, and prints what the README shows.
make -s B="$BUILD" guest SRC="$WORK/my.c" OUT="$WORK/my.elf" >"$WORK/output" 2>&1 ||
    complain "make guest fails: $(cat "$WORK/output")"
if [ -z "$NO_KVM" ] && [ -e "$WORK/my.elf" ]; then
    line=$("$BUILD/holdfast-vmm" --kernel "$WORK/my.elf" 2>"$WORK/output" </dev/null) ||
        complain "the guest fails: $line $(cat "$WORK/output")"
    [ -n "$line" ] && grep -qxF "$line" README.md || complain "README.md does not show: $line"
fi

# Each target that README or help name exists.
{
    grep -oE '(^|`)make [a-z-]+' README.md CHANGELOG.md | grep -oE '[a-z-]+$'
    make -s B="$BUILD" help | grep -oE 'make [a-z-]+|check-[a-z]+' | sed 's/make //'
} | sort -u >"$WORK/targets"
[ "$(wc -l <"$WORK/targets")" -gt 5 ] || complain "hardly a target found: $(cat "$WORK/targets")"
while read -r target; do
    make -n B="$BUILD" SRC=x OUT=x "$target" >/dev/null 2>&1 ||
        complain "there is no target $target"
done <"$WORK/targets"

# Each path that it names is there.
grep -oE '`(vmm|guest|include|proto|tests|deploy)/[A-Za-z0-9_./-]*`' README.md | tr -d '`' |
    sort -u >"$WORK/paths"
while read -r path; do
    [ -e "$path" ] || complain "README.md names $path, which is not there"
done <"$WORK/paths"

# Each room of the VMM is in its table.
for room in vmm/*/; do
    grep -q "\`${room%/}\`" README.md || complain "README.md does not tell what ${room%/} is"
done

# What continuous integration runs is what the README says.
grep -q 'make check' .ci/run || complain ".ci/run does not call make check"
[ "$failed" -eq 0 ]
