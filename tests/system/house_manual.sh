#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The manual pages and the programs say the same.
set -u
man=deploy/man
abi=include/holdfast/abi.h
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}

# same WHAT FILE FILE: both files have the same lines, the first from the program, the second from
# the manual; and there are some.
same() {
    sort -u "$2" -o "$2"
    sort -u "$3" -o "$3"
    [ -s "$2" ] || complain "$1: none found"
    local line
    while read -r line; do complain "$1: not in the manual: $line"; done < <(comm -23 "$2" "$3")
    while read -r line; do complain "$1: only in the manual: $line"; done < <(comm -13 "$2" "$3")
}

# ---- holdfast(7) and abi.h ----

# The compiler tells the numbers.
read -ra compiler <<<"${CC:-cc}"
sed -n 's/^ *\(HF_[A-Z0-9_]*\) = [0-9a-fx]*,.*/\1/p' $abi >"$WORK/names"
{
    echo '#include "holdfast/abi.h"'
    echo '#include <stdio.h>'
    echo 'int main(void) {'
    sed 's/.*/printf("0x%03x &\\n", (unsigned)&);/' "$WORK/names"
    echo '}'
} >"$WORK/numbers.c"
"${compiler[@]}" -std=c11 -Iinclude -o "$WORK/numbers" "$WORK/numbers.c" || exit 1
"$WORK/numbers" >"$WORK/numbers.txt"

grep -vE ' HF_(CALL|CACHE)_' "$WORK/numbers.txt" >"$WORK/statuses"
sed -n 's/^\.It \(0x[0-9a-f]*\) Dv \(HF_[A-Z_]*\)$/\1 \2/p' $man/holdfast.7 |
    grep -vE 'HF_(FEATURE|GUARANTEE)_' >"$WORK/statuses.man"
same "status" "$WORK/statuses" "$WORK/statuses.man"

sed -nE 's/^#define (HF_(FEATURE|GUARANTEE)_[A-Z_]*) *\(1u << ([0-9]+)\).*/\1 \3/p' $abi |
    while read -r name shift; do printf '0x%x %s\n' $((1 << shift)) "$name"; done >"$WORK/bits"
sed -nE 's/^\.It (0x[0-9a-f]*) Dv (HF_(FEATURE|GUARANTEE)_[A-Z_]*)$/\1 \2/p' $man/holdfast.7 \
    >"$WORK/bits.man"
same "bit" "$WORK/bits" "$WORK/bits.man"

sed -n 's/^\(0x00.\) HF_CALL_/\1 /p' "$WORK/numbers.txt" |
    while read -r number name; do echo "$((number)) $name"; done >"$WORK/calls"
sed -n 's/^\.Ss \([A-Z_]*\) (call \([0-9]*\))$/\2 \1/p' $man/holdfast.7 >"$WORK/calls.man"
same "call" "$WORK/calls" "$WORK/calls.man"

sed -n 's/^0x00\([0-9]\) \(HF_CACHE_.*\)/\1 \2/p' "$WORK/numbers.txt" >"$WORK/caches"
sed -n 's/^\.It \([0-9]\) Dv \(HF_CACHE_[A-Z_]*\)$/\1 \2/p' $man/holdfast.7 >"$WORK/caches.man"
same "cache type" "$WORK/caches" "$WORK/caches.man"

# Members, and with them their offsets, as the compiler sees them.
awk '/^struct hf_[a-z_]* \{/ { name = $2; next }
     /^};/ { name = "" }
     name != "" { sub(/;.*/, ""); sub(/\[.*/, ""); print "struct " name, $NF }' $abi >"$WORK/members"
awk '/^\.Vt struct hf_[a-z_]* ,$/ { next_name = "struct " $3 }
     /^[0-9]+ bytes$/ { name = next_name }
     /^\.It [0-9]+ Vt / { for (i = 4; i < NF && $i != "Va"; i++); print name, $(i + 1) }' \
    $man/holdfast.7 >"$WORK/members.man"
same "member" "$WORK/members" "$WORK/members.man"
{
    echo '#include "holdfast/abi.h"'
    awk '/^\.Vt struct hf_[a-z_]* ,$/ { next_name = $3 }
         /^[0-9]+ bytes$/ { name = next_name; printf "_Static_assert(sizeof(struct %s) == %d, \"\");\n", name, $1 }
         /^\.It [0-9]+ Vt / {
             for (i = 4; i < NF && $i != "Va"; i++);
             printf "_Static_assert(offsetof(struct %s, %s) == %d, \"\");\n", name, $(i + 1), $2
         }' $man/holdfast.7
} >"$WORK/offsets.c"
"${compiler[@]}" -std=c11 -Iinclude -fsyntax-only "$WORK/offsets.c" 2>"$WORK/errors" ||
    complain "sizes or offsets in holdfast(7) are wrong: $(grep -o '"struct.*\|offsetof.*\|sizeof.*' "$WORK/errors" | sort -u)"

# Each status that a call may answer is listed under a call, and a guest provokes it.
awk '/^\.Sh/ { calls = /THE CALLS/ } calls' $man/holdfast.7 | grep -o 'HF_[A-Z_]*' >"$WORK/listed"
awk '/^\.Sh/ { calling = /CALLING/ } calling' $man/holdfast.7 | grep -o 'HF_[A-Z_]*' >>"$WORK/listed"
while read -r _ name; do
    grep -qx "$name" "$WORK/listed" || complain "holdfast(7) names no call that answers $name"
    grep -qwE "${name#HF_}|$name" tests/guest/*.[ch] tests/system/guests/*.c ||
        complain "no guest of the tests provokes $name"
done < <(grep -v HF_OK "$WORK/statuses")

# ---- holdfast-vmm(8), holdfastctl(1) and the programs' help ----

"$BUILD/holdfast-vmm" --help | grep -oE '(^  |, )--[a-z-]+' | sed 's/.*--//' >"$WORK/options"
sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p' $man/holdfast-vmm.8 >"$WORK/options.man"
same "option of holdfast-vmm" "$WORK/options" "$WORK/options.man"

ctl="$BUILD/holdfastctl"
$ctl help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\).*/\1/p' >"$WORK/commands"
# Of the subcommands' list, not of that in the section on JSON.
awk '/^\.Sh/ { in_commands = /COMMANDS/ } in_commands && /^\.It Cm/ { print $3 }' $man/holdfastctl.1 \
    >"$WORK/commands.man"
same "command of holdfastctl" "$WORK/commands" "$WORK/commands.man"

while read -r command; do
    if [ "$command" != help ]; then $ctl help "$command"; else $ctl help; fi |
        grep -oE '^  -[a-zA-Z], --[a-z]+' | sed 's/ *-\(.\), --/\1 /'
done <"$WORK/commands" >"$WORK/ctl-options"
sed -n 's/^\.It Fl \([a-zA-Z]\) , -\([a-z]*\).*/\1 \2/p' $man/holdfastctl.1 >"$WORK/ctl-options.man"
same "option of holdfastctl" "$WORK/ctl-options" "$WORK/ctl-options.man"

exits() { sed -n '/^\.Sh EXIT STATUS/,/^\.Sh [^E]/s/^\.It \([0-9]*\)$/\1/p' "$1"; }
$ctl help | sed -n '/^Exit status:/,$s/^  \([0-9]*\) .*/\1/p' >"$WORK/exits"
exits $man/holdfastctl.1 >"$WORK/exits.man"
same "exit status of holdfastctl" "$WORK/exits" "$WORK/exits.man"

# ---- holdfast-linux(4), linux.h and the module ----

sed -nE 's/^#define (HOLDFAST_[A-Z]+) +_IO.*/\1/p' include/holdfast/linux.h >"$WORK/ioctls"
sed -n 's/^\.It Dv \(HOLDFAST_[A-Z]*\)$/\1/p' $man/holdfast-linux.4 >"$WORK/ioctls.man"
same "ioctl of /dev/holdfast" "$WORK/ioctls" "$WORK/ioctls.man"

{ echo holdfast_present; sed -n 's/^EXPORT_SYMBOL_GPL(\(.*\));/\1/p' guest/linux/*.c; } >"$WORK/exports"
sed -n '/^\.Sh DRIVERS/,/^\.Sh FILES/s/^\.It //p' $man/holdfast-linux.4 | grep -oE 'holdfast_[a-z_]+' \
    >"$WORK/exports.man"
same "function for drivers" "$WORK/exports" "$WORK/exports.man"
while read -r function; do
    grep -qw "$function" guest/linux/holdfast.h || complain "holdfast.h does not declare $function"
done <"$WORK/exports"

sed -n 's/^TRACE_EVENT(\(.*\),$/\1/p' guest/linux/trace.h >"$WORK/events"
sed -n '/^Tracepoints/,/^\.El/p' $man/holdfast-linux.4 | grep -oE 'holdfast_[a-z]+' >"$WORK/events.man"
same "tracepoint" "$WORK/events" "$WORK/events.man"

sed -n 's/^module_param(\([a-z]*\),.*/\1/p' guest/linux/*.c >"$WORK/parameters"
sed -n 's/^\.It Cm \([a-z]*\) Ns = .*/\1/p' $man/holdfast-linux.4 >"$WORK/parameters.man"
same "parameter of the module" "$WORK/parameters" "$WORK/parameters.man"

# ---- all pages ----

version=$(sed -n 's/^VERSION := //p' Makefile)
[ "$("$BUILD/holdfast-vmm" --version | cut -d ' ' -f 2)" = "${version}," ] ||
    complain "holdfast-vmm --version is not $version"
for page in $man/*.[1-9]; do
    grep -qx "\.Os Holdfast $version" "$page" || complain "$page: not of version $version"
    warnings=$(man --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null;
               groff -ww -mdoc -Tutf8 -z "$page" 2>&1
               command -v mandoc >/dev/null && mandoc -T lint -W warning "$page")
    [ -z "$warnings" ] || complain "$page: $warnings"
done
[ "$failed" -eq 0 ]
