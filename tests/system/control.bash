# SPDX-License-Identifier: MIT
# For the tests of the control service and of holdfastctl: VMs and what they are asked.
# shellcheck shell=bash
set -u
[ -z "${NO_KVM:-}" ] || { echo "$NO_KVM"; exit 77; }
vmm=$BUILD/san/holdfast-vmm
ctl=$BUILD/holdfastctl
guest=$BUILD/guest/busy_windows.elf
WORK=${WORK:-$(mktemp -d)}
export HOLDFAST_RUNTIME_DIR=${HOLDFAST_RUNTIME_DIR:-$WORK/run}
declare -A pid_of=()

fail() {
    echo "$*"
    exit 1
}

end_all() {
    local name
    for name in "${!pid_of[@]}"; do
        kill -CONT "${pid_of[$name]}" 2>/dev/null
        kill "${pid_of[$name]}" 2>/dev/null && wait "${pid_of[$name]}"
    done
}
trap end_all EXIT

# start NAME [option of holdfast-vmm ...]: returns when the guest has its windows.
start() {
    local name=$1
    shift
    # What an earlier VM of that name said must not pass for this one's.
    rm -f "$WORK/$name.console"
    "$vmm" --kernel "$guest" --name "$name" "$@" >"$WORK/$name.console" 2>"$WORK/$name.log" \
        </dev/null &
    pid_of[$name]=$!
    for _ in $(seq 200); do
        grep -q ready "$WORK/$name.console" 2>/dev/null && return
        kill -0 "${pid_of[$name]}" 2>/dev/null || break
        sleep 0.1
    done
    cat "$WORK/$name.log"
    fail "the VM $name does not come up"
}

# ready NAME COUNT: returns when the guest has its windows, counted from the VMM's start.
ready() {
    for _ in $(seq 200); do
        [ "$(grep -c ready "$WORK/$1.console")" -lt "$2" ] || return 0
        sleep 0.1
    done
    fail "the guest of $1 was not ready $2 times"
}

# paused_again NAME: returns when the guest's panic has paused the VM.
paused_again() {
    local state
    for _ in $(seq 300); do
        state=$(timeout 60 "$ctl" --json info "$1" | jq -r .state)
        [ "$state" != paused ] || return 0
        sleep 0.1
    done
    fail "after its panic, the guest of $1 is $state"
}

# gone NAME STATUS: the VMM ends with that status.
gone() {
    local status
    wait "${pid_of[$1]}"
    status=$?
    unset "pid_of[$1]"
    [ $status -eq "$2" ] || { cat "$WORK/$1.log"; fail "the VMM of $1 ended with $status, not $2"; }
}

# expect STATUS WORD ...: holdfastctl with these words ends with that status.
expect() {
    local wanted=$1 status
    shift
    "$ctl" "$@" >"$WORK/out" 2>"$WORK/err"
    status=$?
    [ $status -eq "$wanted" ] || {
        cat "$WORK/out" "$WORK/err"
        fail "holdfastctl $* ended with $status, not $wanted"
    }
}

# holds FILTER WORD ...: the JSON of holdfastctl with these words has the property.
holds() {
    local filter=$1
    shift
    expect 0 --json "$@"
    jq -e "$filter" "$WORK/out" >/dev/null || {
        cat "$WORK/out"
        fail "holdfastctl --json $*: not so: $filter"
    }
}

# says REGEX: the last expect printed a line like this, on either stream.
says() {
    grep -qE -- "$1" "$WORK/out" "$WORK/err" || {
        cat "$WORK/out" "$WORK/err"
        fail "not said: $1"
    }
}
