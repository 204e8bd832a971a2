#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Debian's large kernels, 6.12 packed with zstd and 6.1 packed with xz, boot and turn the VM off.
. tests/linux/kernels.bash
boots 6.12-amd64
boots 6.1-amd64
