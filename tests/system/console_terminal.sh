#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A guest that waits for input has the VMM's terminal, raw: every key, also ^C and ^D, is its own, but
# for ^], which ends the VM. The terminal is as it was after every end that can be caught.
. tests/system/control.bash
make -s B="$BUILD" guest SRC=tests/system/guests/echo.c OUT="$WORK/echo.elf" || exit 1
# The sanitizers have signals of their own.
python3 tests/system/console_terminal.py "$BUILD/holdfast-vmm" "$WORK/echo.elf" \
    "$BUILD/guest/idle.elf" "$WORK"
