# SPDX-License-Identifier: MIT
# For the tests of the guarantee: a VM whose guest waits for a word and then maps for all it is worth,
# in a memory cgroup if there is one, and whether the guest gets anywhere.
# shellcheck shell=bash
set -u
[ -z "${NO_KVM:-}" ] || { echo "$NO_KVM"; exit 77; }
vmm=$BUILD/holdfast-vmm
parts=$BUILD/tests/guarantee
own_work=
if [ -z "${WORK:-}" ]; then WORK=$(mktemp -d) own_work=$WORK; fi
export HOLDFAST_RUNTIME_DIR=${HOLDFAST_RUNTIME_DIR:-$WORK/run}
soak=${SOAK:-1}
part=${STORM_PART:-1} # where everything is slow, one in so many maps will do
pid='' reader=''
# So many seconds without a line from the guest are a standstill. It says some fifty in each run,
# however long.
patience=$((12 * soak))
. tests/guarantee/cgroup.bash
. tests/needs.bash
. tests/moments.bash

fail() {
    echo "$*"
    [ ! -e "$WORK/console" ] || tail -n 5 "$WORK/console" "$WORK/log"
    exit 1
}

# Filters of system calls take a third of the time that a VM needs to start and to end. A test may do
# without them where everything is slow, if others run the same calls with them.
without_filters=()
# start GUEST APPEND [option of holdfast-vmm ...]: returns when the guest says "ready". In the cgroup,
# if there is one. What the VM writes goes through pipes, so that no file of its is charged to it.
# The array before holds words to come before the VMM.
before=()
start() {
    local guest=$1 append=$2 quick=()
    shift 2
    # What is made and taken away again there takes longer than what the tests look at.
    [ "$part" -lt 100 ] || quick=("${without_filters[@]}" --memory 8M)
    rm -f "$WORK"/{in,out,err}
    mkfifo "$WORK"/{in,out,err}
    : >"$WORK/console" >"$WORK/log"
    cat <"$WORK/out" >>"$WORK/console" &
    reader=$!
    cat <"$WORK/err" >>"$WORK/log" &
    reader+=" $!"
    exec 7<>"$WORK/in"
    (
        enter_cgroup
        exec "${before[@]}" "$vmm" --name storm --kernel "$parts/$guest.elf" --append "$append" \
            "${quick[@]}" "$@" <"$WORK/in" >"$WORK/out" 2>"$WORK/err" 7>&-
    ) &
    pid=$!
    # What it sets aside takes its time on a busy machine.
    patience=60 says ready || fail "the guest does not come up"
}

# says REGEX: waits until the guest has said a line that begins so; false if it ends or stands still.
says() {
    local text seen=-1 since uptime
    while true; do
        read_all "$WORK/console"
        [[ ! $'\n'$text =~ $'\n'$1 ]] || return 0
        look_at_uptime
        [ ${#text} -eq "$seen" ] || { seen=${#text} since=$uptime; }
        if ! kill -0 "$pid" 2>/dev/null; then
            sleep 0.2
            grep -q "^$1" "$WORK/console"
            return
        fi
        [ $((uptime - since)) -lt "$patience" ] || return 1
        a_moment
    done
}

go_on() {
    echo >&7
}

# ended STATUS: the VM ends with this status.
ended() {
    local status
    for _ in {1..100}; do
        kill -0 "$pid" 2>/dev/null || break
        a_moment
    done
    ! kill -0 "$pid" 2>/dev/null || fail "the VM does not end"
    wait "$pid"
    status=$?
    # shellcheck disable=SC2086 # two of them
    wait $reader
    pid='' reader=''
    [ "$status" -eq "$1" ] || fail "the VMM ended with $status, not $1"
}

# Ends a VM that stands still: without memory, SIGKILL alone does not get it out.
end_vm() {
    [ -n "$pid" ] || return 0
    kill -KILL "$pid" 2>/dev/null
    loosen_cgroup
    # shellcheck disable=SC2086 # two of them
    wait "$pid" $reader 2>/dev/null
    pid='' reader=''
}

clean_up() {
    end_vm
    exec 7>&-
    [ -z "$own_work" ] || rm -rf "$own_work"
    remove_cgroup
}
trap clean_up EXIT
trap 'exit 1' TERM INT

# The same storm without a precaution: a test that does not notice that it is gone is worthless.
expect_failure() { # WORDS WHAT
    if says maps && ! grep -qE '^maps .*(refused [1-9]|wrong [1-9])' "$WORK/console"; then
        fail "without $1 it goes through as well: this test shows nothing"
    fi
    if kill -0 "$pid" 2>/dev/null; then
        echo "without $1: stands still after: $(tail -n 1 "$WORK/console")"
    else
        wait "$pid"
        [ $? -ne 139 ] || fail "without $1 the VMM crashes"
        echo "without $1: has ended after: $(tail -n 1 "$WORK/console")"
    fi
    end_vm
}
