# SPDX-License-Identifier: MIT
# What holdfastctl prints for people: aligned columns, plain where there is no terminal, ASCII where
# there is no UTF-8.
. tests/system/control.bash
start web --append "object=disk" --object name=disk,size=4K

aligned() { # the column that starts with this title starts in the same place in each line
    awk -v title="$1" 'NR == 1 { at = index($0, title); next }
        at < 2 || substr($0, at - 1, 1) != " " || substr($0, at, 1) == " " { exit 1 }' "$WORK/out" ||
        { cat "$WORK/out"; fail "the column $1 is not aligned"; }
}

expect 0 windows web
aligned TAG
says '^0x[0-9a-f]+ +16 MiB  Idle +- +0/16 +0 +0 +0 +1  -$'
says '^0x[0-9a-f]+ +2 MiB  Half +1 MiB +1/512 +1 +1 +0 +0  divisible$'
expect 0 objects web
aligned ACCESS
says '^disk +1 +4 KiB  rw +1  memfd +memfd$'
expect 0 list
aligned STATE
expect 0 info web
says '^Arena +1 GiB at 0x'
expect 0 stats web
says '^Windows +5 of '

for locale in C C.UTF-8; do
    LC_ALL=$locale COLUMNS=80 expect 0 map web
    says 'reserved in 5 windows'
    grep -q $'\x1b' "$WORK/out" && fail "escape sequences in a file"
    [ "$(LC_ALL=C.UTF-8 wc -L <"$WORK/out")" -le 80 ] || fail "lines of more than 80 columns"
    if [ $locale = C ]; then
        LC_ALL=C grep -qP '[\x80-\xff]' "$WORK/out" && fail "more than ASCII in the C locale"
        says '\+.*o'
    else
        says '▒.*░'
    fi
done
