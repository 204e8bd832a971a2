#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ELF images of unusual shapes: notes with padding between them boot; a kernel above 4 GiB, which could
# not begin there, is refused with a line about the kernel, also where an initial RAM disk is given; a
# command line that Linux could not take is refused, too.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/system/refused.bash
python3 "$OLDPWD/tests/system/image_shapes.py" "$guest" .
: >initrd
truncate -s 8K initrd

for image in notes_*.elf; do
    timeout 30 "$vmm" --guarantee off --kernel "$image" --boot direct >"$WORK/stdout" 2>"$WORK/stderr" </dev/null ||
        complain "exit status $?, wanted 0" "$image"
    grep -q hello "$WORK/stdout" || complain "the guest does not say hello" "$image"
done

refused "--kernel high.elf: entry 0x1" "above 4 GiB" -- --guarantee off --memory 6G --kernel high.elf
refused "--kernel high.elf: entry 0x1" "above 4 GiB" -- --guarantee off --memory 6G --kernel high.elf --initrd initrd
refused "--append: 2048 bytes" "at most 2047" -- --kernel notes_of_linux.elf --append "$(printf '%2048s' x)"
conclude
