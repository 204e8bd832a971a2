#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Options that make no sense by themselves: each is refused with one line that names it.
. tests/system/refused.bash

valued=(--name --memory --vcpus --kernel --append --arena --object --console --control --guarantee
    --budget --quota --sandbox --initrd --boot --on-poweroff --on-reboot --on-panic --console-log)
long=$(printf 'x%.0s' {1..100})

for option in "${valued[@]}"; do
    refused "$option needs a value" -- "$option"
done
refused "unknown option --bogus;" -- --bogus
refused "unknown option --bogus=3;" -- --bogus=3
refused "unknown option -x;" -- -x
refused "unknown option -xyz;" -- -xyz
refused "unknown option --con;" -- --con stdio
refused "unknown option --help=1;" -- --help=1
refused "unknown option --a?b;" -- $'--a\nb'
refused "--kernel is missing" --
refused "--kernel is missing" -- --memory 64M
refused "word: not an option" -- word --kernel k
refused "word: not an option" -- --kernel k word
refused "--kernel: not an option" -- --append x -- --kernel k

for size in 0 -1 1.5G 99999999999T 4097 64Q 64MB 0x1000000 ' 64M' '64M ' abc '' 3M 65T; do
    refused "--memory" "$size" -- --kernel k --memory "$size"
done
for size in 1 3M 65T; do
    refused "--memory $size: must be 4M to 64T" -- --kernel k --memory "$size"
done
for size in 1 1025G; do
    refused "--arena $size: must be 4K to 1T" -- --kernel k --arena "$size"
done
for size in 0 -1 1.5G 99999999999T 4097 64Q abc '' 1025G; do
    refused "--arena" "$size" -- --kernel k --arena "$size"
done
for count in 0 -1 abc 100000 1025 1.5 99999999999999999999 '' ' 1' '1 ' 0x1; do
    refused "--vcpus $count" -- --kernel k --vcpus "$count"
done
for way in '' fast DIRECT 'pvh '; do
    refused "--boot $way:" direct decompressor -- --kernel k --boot "$way"
done
for event in poweroff reboot panic; do
    for action in '' restart EXIT 'pause '; do
        refused "--on-$event $action:" exit reset pause -- --kernel k --on-$event "$action"
    done
done
for name in '' a/b ../x .x -x 'a b' "${long:0:49}" ä; do
    refused "--name ${name}:" -- --kernel k --name "$name"
done
refused "--name a?b:" -- --kernel k --name $'a\nb'
for where in '' file: tty stdout FILE:x 'stdio '; do
    refused "--console $where:" -- --kernel k --console "$where"
done
refused "--control" empty -- --kernel k --control ''

object() { # TEXT WORD...: --object TEXT is refused with these words
    refused "--object $1" "${@:2}" -- --kernel k --object "$1"
}
object '' "bad word ''"
object disk "bad word 'disk'"
object name=a "needs a path" size
object name=,size=4K "needs a name"
object size=4K "needs a name"
object name=a/b,size=4K "bad object name 'a/b'"
object "name=${long:0:64},size=4K" "longer than 63"
object name=a,size=4K,colour=red "bad word 'colour'"
object name=a,size=4K,create=yes "bad word 'create'"
object name=a,size=4K,name=b "name is given twice"
object name=a,size=4K,size=8K "size is given twice"
object name=a,path=x,path=y "path is given twice"
object name=a,path=,size=4K "path is empty"
object name=a,size=4K, "bad word ''"
for size in 0 -1 1.5G abc ''; do
    object "name=a,size=$size" "bad size '$size'"
done
object name=a,size=99999999999T "99999999999T is too large"
object name=a,path=x,access=w "bad access 'w'"
object name=a,size=4K,create "needs its path"
object name=a,path=x,create "needs the file's size"
object name=a,path=x,size=4K,create,access=ro access=ro
refused "--object" "a is given twice" -- --kernel k --object name=a,size=4K --object name=a,size=8K
objects=()
for number in {1..256}; do objects+=(--object "name=o$number,size=4K"); done
refused "--object" "more than 255" -- --kernel k "${objects[@]}"

for mode in '' on Strict best; do
    refused "--guarantee $mode:" -- --kernel k --guarantee "$mode"
done
for mode in '' yes ON 'log '; do
    refused "--sandbox $mode:" on off log -- --kernel k --sandbox "$mode"
done

quota() { # TEXT WORD...: --quota TEXT is refused with these words
    refused "--quota $1" "${@:2}" -- --kernel k --quota "$1"
}
quota '' "bad word ''"
quota tag=HFBK "needs windows=N"
quota windows=1 "needs tag="
quota tag=HFBKX,windows=1 "bad tag 'HFBKX'" "1 to 4"
quota tag=0x100000000,windows=1 "bad tag '0x100000000'" 0xffffffff
quota tag=HFBK,windows=0 "bad number '0' of windows"
quota tag=HFBK,pages=4K "bad number '4K' of pages"
quota tag=HFBK,colour=1 "bad word 'colour=1'"
quota tag=HFBK,pages=1,pages=2 "pages is given twice"
refused "--quota tag=0x4b424648,pages=1" "has a quota already" -- --kernel k \
    --quota tag=HFBK,windows=1 --quota tag=0x4b424648,pages=1

budget() { # TEXT WORD...: --budget TEXT is refused with these words
    refused "--budget $1" "${@:2}" -- --kernel k --budget "$1"
}
budget '' "bad word '' of a budget" "windows=N, extents=N or tables=N"
budget pages=1 "bad word 'pages=1'"
budget windows=0 "bad number '0' of windows"
budget tables=4K "bad number '4K' of tables"
budget extents=1,extents=2 "extents is given twice"
budget windows=1, "bad word ''"
budget "${long:0:64}" "more than 63 characters"
refused "--calibrate:" off -- --kernel k --calibrate --guarantee off

# What is no mistake is not refused: otherwise the above would say little.
for option in --help --version -h -V --sandbox-list; do
    "$vmm" $option >"$WORK/stdout" 2>"$WORK/stderr" || complain "exit status $?, wanted 0" $option
    [ -s "$WORK/stdout" ] || complain "it prints nothing" $option
    [ ! -s "$WORK/stderr" ] || complain "it complains" $option
done
conclude
