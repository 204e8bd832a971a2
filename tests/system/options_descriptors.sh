#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A number on the command line means a descriptor that the VMM was started with: where there is none,
# it is refused, though the VMM would later have one of that number, such as the guest's RAM.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/system/refused.bash

for fd in 3 4 5 6 7 8 9 10 11 12 13 200 2147483647; do
    [ ! -e /proc/$$/fd/$fd ] || continue # whoever runs the tests has handed it down
    for option in --console --console-log; do
        refused "$option fd:$fd:" "without a descriptor $fd" -- --kernel "$guest" $option fd:$fd
        refused "$option /dev/fd/$fd:" "without a descriptor $fd" -- --kernel "$guest" \
            $option file:/dev/fd/$fd
    done
    refused --object "without a descriptor $fd" -- --kernel "$guest" \
        --object name=a,path=/proc/self/fd/$fd
    refused --kernel "without a descriptor $fd" -- --kernel /dev/fd/$fd
    refused --initrd "without a descriptor $fd" -- --kernel "$guest" --initrd /proc/self/fd/$fd
done
refused "--console fd:99999999999" "no such console" -- --kernel "$guest" --console fd:99999999999

# Those of libvirt's command line.
libvirt=(-machine holdfast -m 64 -kernel "$guest" -mon chardev=monitor,mode=control)
refused "-add-fd set=0,fd=6" "without a descriptor 6" -- "${libvirt[@]}" \
    -chardev socket,id=monitor,path="$WORK/monitor",server=on,wait=off -add-fd set=0,fd=6
refused "fd=6" "without a descriptor 6" -- "${libvirt[@]}" \
    -chardev socket,id=monitor,fd=6,server=on,wait=off

# Those that are handed down.
"$vmm" --kernel "$guest" --console fd:7 --console-log file:/dev/fd/8 7>"$WORK/console" 8>"$WORK/log" \
    >"$WORK/stdout" 2>"$WORK/stderr" </dev/null || complain "exit status $?, wanted 0" --console fd:7
for file in console log; do
    grep -q hello "$WORK/$file" || complain "nothing comes in the $file" --console fd:7
done
"$vmm" --kernel "$guest" --object name=a,path=/dev/fd/5,access=ro 5<"$guest" \
    >"$WORK/stdout" 2>"$WORK/stderr" </dev/null || complain "exit status $?, wanted 0" "path=/dev/fd/5"

# A standard descriptor that came closed is none, whatever the VMM opens in its place.
before=$(files)
"$vmm" --kernel "$guest" --console fd:1 >&- 2>"$WORK/stderr" </dev/null
status=$?
[ $status = 2 ] || complain "exit status $status, wanted 2" --console "fd:1 >&-"
grep -qF "without a descriptor 1" "$WORK/stderr" || complain "it does not say why" --console "fd:1 >&-"

# Nor is one of the VMM's own an object that an operator attaches: the number is one of his.
"$vmm" --name runs --kernel "$(dirname "$guest")/idle.elf" </dev/null >/dev/null 2>"$WORK/stderr" &
pid=$!
trap 'kill $pid 2>/dev/null' EXIT
until [ -S "$WORK/run/runs.sock" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
for fd in 3 4 5 6 7 8; do
    "$OLDPWD/$BUILD/holdfastctl" attach runs "name=a,path=/proc/self/fd/$fd" >"$WORK/stdout" 2>"$WORK/out"
    status=$?
    [ $status = 1 ] || complain "attach: exit status $status, wanted 1" "path=/proc/self/fd/$fd"
    grep -qE "cannot open /proc/self/fd/$fd |neither a regular file" "$WORK/out" || complain "attach: $(cat "$WORK/out")" "fd/$fd"
done

"$OLDPWD/$BUILD/holdfastctl" attach runs "name=a,path=/dev/fd/5,access=ro" 5<"$guest" >"$WORK/stdout" 2>"$WORK/out" ||
    complain "attach: $(cat "$WORK/out")" path=/dev/fd/5
conclude
