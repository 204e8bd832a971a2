#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Options that name something of the host which is not there or not fit: each is refused with one
# line that names it, and whatever was made for the VM before is gone again.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/system/refused.bash

long=$(printf 'x%.0s' {1..200})
bits=$(sed -n 's/^address sizes.*: \([0-9]*\) bits physical.*/\1/p' /proc/cpuinfo | head -n 1)
mkdir directory
mkfifo fifo
: >empty
echo "old content" >text
printf '%4096s' '' >page
printf '#!/bin/sh\n' >script
head -c 40 "$guest" >cut_header.elf
head -c 100 "$guest" >cut_table.elf
head -c 5000 "$guest" >cut_segment.elf
byte() { # OFFSET VALUE FILE: the guest with one byte changed
    cp "$guest" "$3"
    printf "\\x$2" | dd of="$3" bs=1 seek="$1" conv=notrunc status=none
}
byte 4 01 class32.elf
byte 5 02 big_endian.elf
byte 18 b7 arm.elf
byte 16 03 shared.elf
byte 26 80 entry.elf # bits 16 to 23 of the entry: beyond the RAM of 4M
byte 56 00 no_segments.elf

accepted() { # OPTION...: the guest of the others runs
    timeout 30 "$vmm" --kernel "$guest" "$@" >"$WORK/stdout" 2>"$WORK/stderr" </dev/null ||
        complain "exit status $?, wanted 0" "$@"
}
accepted --memory 4M --arena 4K --vcpus 1 --name A.b-c_1 --append '' --console file:console \
    --object name=memory,size=1 --object name=page,path=page,access=ro \
    --object name=made,path=made,size=5000,create --control control.sock
[ "$(stat -c %s made)" = 5000 ] || complain "the object's file was not made" create
grep -q hello console || complain "the console's file is empty" --console file:console
accepted --object name=made,path=made,size=4096,create
[ "$(stat -c %s made)" = 5000 ] || complain "the file that was there was changed" create

kernel() { # PATH WORD...
    refused "--kernel $1" "${@:2}" -- --kernel "$1"
}
kernel '' "No such file"
kernel not_there "No such file"
kernel directory "not a regular file"
kernel fifo "not a regular file"
kernel /dev/null "not a regular file"
kernel empty "not a regular file of 1 byte"
kernel script "neither an ELF image nor a Linux bzImage"
kernel cut_header.elf "too short for an ELF image"
kernel cut_table.elf damaged
kernel cut_segment.elf damaged
kernel class32.elf "not an x86 ELF"
kernel big_endian.elf "not an x86 ELF"
kernel arm.elf "not an x86 ELF"
kernel shared.elf "not an x86 ELF"
kernel no_segments.elf damaged
refused "--kernel entry.elf" "outside RAM" -- --memory 4M --kernel entry.elf
refused "--append" "65536 bytes are too many" -- --kernel "$guest" --append "$(printf '%65536s' '')"

object() { # TEXT WORD...
    refused "--object" "${@:2}" -- --kernel "$guest" --object "$1"
}
object name=a,path=not_there not_there "No such file" "create would make it"
object name=a,path=directory directory
object name=a,path=directory,access=ro directory "neither a regular file nor a block device"
object name=a,path=/dev/null /dev/null "neither a regular file nor a block device"
object name=a,path=fifo fifo "neither a regular file nor a block device"
object name=a,path=empty "empty is empty"
object name=a,path=page,size=4097 "page has 4096 bytes" size=4097
object name=a,path=missing/new,size=4K,create missing/new
object name=a,path=directory,size=4K,create directory
object name=a,path=new,size=8191T,create new
# The file that the first object made goes with the VM that does not start.
refused "--object" not_there -- --kernel "$guest" --object name=a,path=new,size=4K,create \
    --object name=b,path=not_there
refused "--control" -- --kernel "$guest" --object name=a,path=new,size=4K,create --control missing/s

for path in missing/console directory; do
    refused "--console file:$path" -- --kernel "$guest" --console "file:$path"
done
refused "--console file:fifo" -- --kernel "$guest" --console file:fifo
# The console's file is not made, or emptied, for a VM that does not start.
refused "--object" not_there -- --kernel "$guest" --console file:new --object name=b,path=not_there
refused "--object" not_there -- --kernel "$guest" --console file:text --object name=b,path=not_there

refused "--control" missing -- --kernel "$guest" --control missing/socket
refused "--control" text "not a socket" -- --kernel "$guest" --control text
refused "--control" directory -- --kernel "$guest" --control directory
refused "--control" slash -- --kernel "$guest" --control directory/
refused "--control" "too long" -- --kernel "$guest" --control "$long"
refused "--control" "too long" -- --kernel "$guest" --control "$PWD/$long"
refused_in() { # DIRECTORY WORD...: with this runtime directory
    local HOLDFAST_RUNTIME_DIR=$1
    refused "$1" "${@:2}" -- --kernel "$guest"
}
refused_in relative HOLDFAST_RUNTIME_DIR "must be an absolute path"
refused_in "$PWD/text" "not a directory"
refused_in "$PWD/missing/run" "cannot make the directory"

"$vmm" --name taken --kernel "$(dirname "$guest")/idle.elf" </dev/null >/dev/null 2>"$WORK/taken" &
taken=$!
until [ -S "$WORK/run/taken.sock" ] || ! kill -0 $taken 2>/dev/null; do sleep 0.05; done
refused "a VM named taken is already running" -- --name taken --kernel "$guest"
refused "--control $WORK/run/taken.sock" "already running" -- --kernel "$guest" \
    --control "$WORK/run/taken.sock"
kill $taken
wait $taken || complain "exit status $? after SIGTERM, wanted 0" --name taken
[ ! -e "$WORK/run/taken.sock" ] || complain "its socket is still there" --name taken

# RAM comes first, so that a large one leaves no room for the arena.
if [ "$bits" -le 46 ]; then
    refused --arena "does not fit" -- --kernel "$guest" --memory 64T --arena 1T
else
    refused --memory -- --kernel "$guest" --memory 64T --arena 1T
fi
conclude
