# SPDX-License-Identifier: MIT
# For tests that call programs of the host; tests/in_vm.bash reads these lines, too.
# shellcheck shell=bash

needs() { # PROGRAM ...: the test is skipped where they are missing
    local program
    for program in "$@"; do
        PATH=$PATH:/usr/sbin:/sbin type -P "$program" >/dev/null ||
            { echo "$program is not installed"; exit 77; }
    done
}
