#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# hfblk: several CPUs that all want other chunks than are mapped, with hardly more slots than CPUs, get
# each block as they wrote it.
. tests/linux/linux.bash
modules=(holdfast 'hfblk objects=disk,whole chunk=8K window=16K')
programs=(blocks)
boot --vcpus 4 --object name=disk,size=1M --object name=whole,size=32K <<'END'
blocks hammer /dev/hfblk0 5 300 6 || exit 1
blocks hammer /dev/hfblk1 6 300 4 || exit 2
cd /sys/block/hfblk0/holdfast
echo "slots $(cat slots) of $(cat chunk), refused $(cat refused), faults $(cat faults), remaps $(($(cat remaps) > 1000))"
echo "whole: $(cat /sys/block/hfblk1/holdfast/remaps)"
exit 0
END
ended 0
says '^slots 8 of 4096, refused 0, faults 0, remaps 1$'
says '^whole: 0$'
