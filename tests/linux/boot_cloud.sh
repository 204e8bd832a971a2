#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Debian's cloud kernels, 6.12 packed with zstd and 6.1 packed with lz4, boot and turn the VM off.
. tests/linux/kernels.bash
boots 6.12-cloud
boots 6.1-cloud
