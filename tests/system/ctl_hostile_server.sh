#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever a server answers, holdfastctl ends soon and takes little memory.
timeout 170 python3 -B tests/system/ctl_hostile_server.py "$BUILD/holdfastctl" "$WORK"
