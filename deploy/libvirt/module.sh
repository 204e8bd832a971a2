#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# module.sh FILE OUT: unpacks a kernel's module for an emulated machine.
set -eu
case $1 in
*.xz) xz -dc "$1" >"$2" ;;
*.zst) zstd -dcq "$1" >"$2" ;;
*.ko) cp "$1" "$2" ;;
*) echo "$1: no module that can be read" >&2; exit 1 ;;
esac
# The types for BPF, the places for the tracer of functions, and what finds a function's callers:
# looking at them is nearly all of loading a module, and nobody needs them here.
objcopy -R .BTF -R .BTF_ids -R __mcount_loc -R .orc_unwind -R .orc_unwind_ip "$2"
