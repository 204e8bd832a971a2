# SPDX-License-Identifier: MIT
# For the tests with the guest keep_tables: what the guest is asked to do, and how many second-level
# tables there are.
# shellcheck shell=bash
declare -A answers=()

# Returns when the guest has done what a letter stands for; the word begins its answer. By the shell
# alone, which is quick also where everything else is slow.
ask() { # LETTER WORD
    local lines
    answers[$2]=$((${answers[$2]:-0} + 1))
    printf %s "$1" >&7
    for _ in $(seq $((patience * 10))); do
        mapfile -t lines <"$WORK/console"
        [[ ${lines[-1]} != "$2 ${answers[$2]}"* ]] || return 0
        sleep 0.1
    done
    fail "the guest does not answer $1"
}

end_guest() {
    printf q >&7
    ended 0
    answers=()
}

# Prints the kilobytes of all second-level tables of this machine.
tables_now() {
    local key value rest
    echo 1 >/proc/sys/vm/stat_refresh
    while read -r key value rest; do
        [ "$key" != SecPageTables: ] || echo "$value"
    done </proc/meminfo
}

# Skips the test where KVM makes no tables ahead.
needs_tables() {
    if "$BUILD/holdfastctl" stats storm | grep -q 'Tables made ahead *no'; then
        end_vm
        echo "this host's KVM makes no second-level tables ahead"
        exit 77
    fi
}
