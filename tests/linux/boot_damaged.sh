#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real kernel that was damaged, cut off or given too little memory is refused with one line.
. tests/linux/linux.bash
whole=$BUILD/linux/6.12-cloud/vmlinuz
[ -e "$whole" ] || { echo "Debian's kernel 6.12-cloud could not be fetched"; exit 77; }
refused() { # WORD ... -- option ...
    local words=()
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    "$vmm" --guarantee off "$@" >"$WORK/out" 2>"$WORK/err" </dev/null
    local status=$?
    [ $status -eq 2 ] || fail "$*: status $status, not 2"
    [ "$(wc -l <"$WORK/err")" -eq 1 ] && [ ! -s "$WORK/out" ] ||
        fail "$*: not one line: $(cat "$WORK/out" "$WORK/err")"
    local word
    for word in "${words[@]}"; do
        grep -qF -- "$word" "$WORK/err" || fail "$*: the line lacks '$word': $(cat "$WORK/err")"
    done
}
damaged=$WORK/damaged

cp "$whole" "$damaged"
printf '\377\377\377\377' | dd of="$damaged" bs=1 seek=5000000 conv=notrunc status=none
refused "--kernel $damaged: damaged" "cannot be unpacked" -- --kernel "$damaged" --memory 96M

head -c 6000000 "$whole" >"$damaged"
refused "--kernel $damaged: damaged" "outside the file" -- --kernel "$damaged" --memory 96M
head -c 600 "$whole" >"$damaged"
refused "neither an ELF image nor a Linux bzImage" -- --kernel "$damaged" --memory 96M

refused "raise --memory" -- --kernel "$whole" --memory 32M
refused "raise --memory" -- --kernel "$whole" --memory 32M --boot decompressor
truncate -s 50M "$WORK/initrd"
refused "--initrd $WORK/initrd" "raise --memory" -- --kernel "$whole" --memory 96M --initrd "$WORK/initrd"
refused "--append" "at most 2047" -- --kernel "$whole" --memory 96M --append "$(printf 'x%.0s' {1..2048})"
refused "--append" "at most 2047" -- --kernel "${whole%/*}/vmlinux" --memory 96M --append "$(printf 'x%.0s' {1..2048})"
