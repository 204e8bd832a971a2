#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tree is laid out as the README says, and the walls between its rooms stand.
set -u
failed=0
complain() {
    failed=$((failed + 1))
    echo "$*"
}

# ---- names ----

top='Makefile|README\.md|LICENSE|CHANGELOG\.md|vmm|guest|proto|include|tests|deploy'
for entry in *; do
    [ "$entry" = "${BUILD%%/*}" ] || [[ $entry =~ ^($top)$ ]] ||
        complain "$entry: the top level does not have this"
done
for entry in Makefile README.md LICENSE CHANGELOG.md vmm guest proto include tests deploy .ci/run; do
    [ -e "$entry" ] || complain "$entry is missing"
done
[ -x .ci/run ] || complain ".ci/run cannot be run"

rooms=(.ci deploy guest include proto tests vmm)
while read -r path; do
    complain "$path: a name that says nothing"
done < <(find "${rooms[@]}" | grep -E '/(utils?|misc|common|helpers?)(\.[a-z]+)?$')

while read -r path; do
    head -n 3 "$path" | grep -q 'SPDX-License-Identifier: MIT' ||
        complain "$path: no SPDX line at its beginning"
done < <(find "${rooms[@]}" Makefile -type f ! -path '*/__pycache__/*' ! -path 'tests/fuzz/corpus/*')

# ---- rooms ----

while read -r path; do
    complain "$path: vmm/ has main.c and what every room needs to tell people; all else is in a room"
done < <(find vmm -maxdepth 1 -name '*.[ch]' | grep -vE '^vmm/(main\.c|(cause|error|log|rotated|utf8)\.[ch])$')
for room in vmm/*/; do
    grep -qE "^\|[^|]*\`${room%/}\`" README.md || complain "${room%/}: README.md does not say what is in it"
done

# ---- walls ----

while IFS=: read -r path _ line; do
    complain "$path: the CLI reads its arguments with it, too, and has no VMM: $line"
done < <(grep -n '^#include "' vmm/options/{amount,budget,quota,size}.[ch] |
    grep -vE '"(vmm/(options/|error\.h|windows/windows\.h)|[a-z]+\.h")')

while IFS=: read -r path _ line; do
    complain "$path: vmm/windows is pure logic and does not need $line"
done < <(grep -n '^#include <' vmm/windows/*.[ch] |
    grep -vE '<(stdbool|stddef|stdint|string|bsd/sys/tree)\.h>')

while IFS=: read -r path _ line; do
    complain "$path: vmm/instructions knows no KVM and no other room, and does not need $line"
done < <(grep -n '^#include' vmm/instructions/*.[ch] |
    grep -vE '<(stdbool|stddef|stdint|string|Zydis/Zydis)\.h>|"(holdfast/abi|[a-z_]+)\.h"')
while IFS=: read -r path _ line; do
    complain "$path: vmm/instructions is for vmm/machine, by instructions.h: $line"
done < <(grep -n '"vmm/instructions/' -r vmm |
    grep -vE '^vmm/machine/[a-z_]+\.[ch]:[0-9]+:#include "vmm/instructions/instructions\.h"')

while IFS=: read -r path _ line; do
    complain "$path: only vmm/memory makes mappings of the guest's memory: $line"
done < <(grep -nE 'KVM_SET_USER_MEMORY_REGION|MAP_FIXED' -r vmm --include='*.c' |
    grep -vE '^vmm/(memory/|machine/probe\.c:|sandbox/[a-z_]+\.c:.*IS_LONG\(3, )')

while IFS=: read -r path _ line; do
    complain "$path: holdfastctl is a client of libholdfast and of nothing else: $line"
done < <(grep -nE '"vmm/(client|wire|control)/|pb-c\.h|<sys/(socket|un)\.h>' vmm/ctl/*.[ch])
while IFS=: read -r path _ line; do
    complain "$path: the protocol is for vmm/wire, vmm/client and vmm/control: $line"
done < <(grep -nE 'pb-c\.h|"vmm/wire/protocol\.h"' -r vmm --include='*.[ch]' |
    grep -vE '^vmm/(wire|client|control)/')

[ -d "$BUILD/obj/vmm/instructions" ] || { echo "$BUILD/obj is missing; make programs makes it"; exit 1; }

# The symbols that these objects take from elsewhere.
undefined() {
    comm -23 <(nm -u "$@" | sed -n 's/^ *U //p' | sort -u) \
        <(nm --defined-only "$@" | sed -n 's/^[0-9a-f]* [A-Z] //p' | sort -u)
}
for symbol in $(undefined "$BUILD"/obj/vmm/windows/*.o); do
    [[ $symbol =~ ^(__)?(mem|str)[a-z]+(_chk)?$ || $symbol == __stack_chk_fail ]] ||
        complain "vmm/windows calls $symbol: it is pure logic"
done
for symbol in $(undefined "$BUILD"/obj/vmm/instructions/*.o); do
    [[ $symbol =~ ^(__)?mem[a-z]+(_chk)?$ || $symbol =~ ^Zydis || $symbol == __stack_chk_fail ]] ||
        complain "vmm/instructions calls $symbol: it is pure logic"
done
mapfile -t ctl < <(printf '%s\n' vmm/ctl/*.c | sed "s|^|$BUILD/obj/|; s|c\$|o|")
[ "$(undefined "${ctl[@]}" | grep -c '^holdfast_')" -gt 10 ] || complain "vmm/ctl does not use libholdfast"
for symbol in $(undefined "${ctl[@]}"); do
    [[ ! $symbol =~ ^(holdfast__|protobuf_c|socket|connect|bind|accept|send|recv|shutdown|getsockopt|setsockopt|frame_|bounded_|runtime_directory_|vm_name_) ]] ||
        complain "vmm/ctl calls $symbol: that is for libholdfast"
done
path=(arena/calls arena/clock arena/latency arena/map arena/storage hypercalls/perform memory/map memory/fill memory/object_storage)
for part in "${path[@]}"; do
    for symbol in $(nm -u "$BUILD/obj/vmm/$part.o" | sed -n 's/^ *U //p'); do
        [[ ! $symbol =~ ^(malloc|calloc|realloc|reallocarray|free|strdup|asprintf|fopen|open|openat|fprintf|printf|strerror)(64)?$ ]] ||
            complain "vmm/$part.c calls $symbol: nothing on the map path may allocate or open"
    done
done
[ "$failed" -eq 0 ]
