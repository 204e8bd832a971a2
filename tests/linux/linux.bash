# SPDX-License-Identifier: MIT
# For the tests with guests that run Linux, which run inside the test VM: guests, what they say, and
# how they end. A test is a script like this:
#   . tests/linux/linux.bash
#   needs mkfs.ext4                           # programs of the host that guests or the test call
#   modules=(holdfast 'hfblk objects=disk')   # that the guest loads, by name or path; with parameters
#   boot --object name=disk,size=16M <<'END'  # options of holdfast-vmm, a script for the guest
#   grep -q hfblk /proc/partitions
#   END
#   ended 0                                   # the script's status
#   says 'REGEX'                              # a line of the guest's console
# For more than one guest at once, or one after another whose files are to stay: vm=NAME.
# shellcheck shell=bash
set -u
[ -z "${NO_KVM:-}" ] || { echo "$NO_KVM"; exit 77; }
vmm=$BUILD/holdfast-vmm
# shellcheck disable=SC2034 # for the tests
ctl=$BUILD/holdfastctl
own_work=
if [ -z "${WORK:-}" ]; then WORK=$(mktemp -d) own_work=$WORK; fi
export HOLDFAST_RUNTIME_DIR=${HOLDFAST_RUNTIME_DIR:-$WORK/run}

# Of the next guest. kernel_image may be the name of a file beside build/linux/KERNEL/vmlinux.
vm=guest kernel=${LINUX_KERNEL:-6.12-cloud} kernel_image=vmlinux memory=96M append=''
modules=(holdfast hfblk) programs=() files=() trees=()
before=() # words to come before the VMM
declare -A pid_of=() readers_of=()
# `quiet`, for each character on the console takes an emulated machine a tenth of a millisecond;
# noxsave, for it makes each switch between guest and host cheaper there. What takes long and no test is
# about, as in deploy/bochs/machine.bash.
command_line='console=ttyS0 quiet nokaslr pci=off tsc=reliable no_timer_check cryptomgr.notests'
command_line+=' mitigations=off random.trust_cpu=1 panic=-1'
command_line+=' initcall_blacklist=jent_mod_init,load_system_certificate_list,trace_eval_init'
command_line+=' init_on_alloc=0 lsm=capability audit=0 hardened_usercopy=off randomize_kstack_offset=off'
! grep -q holdfast-test-vm /proc/cmdline || command_line+=' noxsave'
# So many seconds without a word from the guest are a standstill.
patience=180
# make_cgroup before boot puts the VMM into a memory cgroup, which fill_cgroup makes full.
. tests/guarantee/cgroup.bash
. tests/needs.bash
. tests/moments.bash

fail() {
    echo "$*"
    [ ! -e "$WORK/$vm.console" ] || tail -n 15 "$WORK/$vm.console" "$WORK/$vm.log"
    exit 1
}

end_all() {
    local name
    for name in "${!pid_of[@]}"; do
        kill -CONT "${pid_of[$name]}" 2>/dev/null
        kill -KILL "${pid_of[$name]}" 2>/dev/null
        # Without memory, SIGKILL alone does not get it out.
        loosen_cgroup
        # shellcheck disable=SC2086 # two of them
        wait "${pid_of[$name]}" ${readers_of[$name]} 2>/dev/null
    done
    remove_cgroup
    [ -z "$own_work" ] || rm -rf "$own_work"
}
trap end_all EXIT
trap 'exit 1' TERM INT

# Standard input is the script; what the guest is made of goes to $WORK/$vm.initramfs.
make_initramfs() {
    local module name program file options=()
    for module in "${modules[@]}"; do
        name=${module%% *}
        file=$BUILD/linux/$kernel/modules/$name.ko
        [[ $name != */* ]] || file=$name
        [ -e "$file" ] || { echo "no module $name for the kernel $kernel"; exit 77; }
        options+=(--module "$file${module#"$name"}")
    done
    for program in "${programs[@]}"; do
        [ ! -e "$BUILD/linux/programs/$program" ] || program=$BUILD/linux/programs/$program
        options+=(--program "$program")
    done
    for file in "${files[@]}"; do options+=(--file "$file"); done
    for file in "${trees[@]}"; do options+=(--tree "$file"); done
    cat >"$WORK/$vm.script"
    deploy/linux/initramfs.sh "$WORK/$vm.initramfs" "$WORK/$vm.script" "${options[@]}" ||
        fail "the guest's initramfs cannot be made"
}

# Whether this release of Debian has such a kernel. A test that runs several goes on without it.
debian_has() { # KERNEL
    [ ! -e "$BUILD/linux/$1/absent" ] || { echo "$1: $(cat "$BUILD/linux/$1/absent")"; return 1; }
}

# boot [option of holdfast-vmm ...] <SCRIPT: returns at once.
boot() {
    local image=$BUILD/linux/$kernel/$kernel_image
    [ -e "$image" ] || { echo "Debian's kernel $kernel could not be fetched"; exit 77; }
    make_initramfs
    launch "$vmm" --name "$vm" --kernel "$image" --initrd "$WORK/$vm.initramfs" --memory "$memory" \
        --append "$command_line $append" "$@"
}

# launch COMMAND: the VMM, in the cgroup if there is one. The console and its log go through pipes, so
# that no file of it is charged to its cgroup.
launch() {
    rm -f "$WORK/$vm".{in,out,err}
    mkfifo "$WORK/$vm".{in,out,err}
    : >"$WORK/$vm.console" >"$WORK/$vm.log"
    cat <"$WORK/$vm.out" >>"$WORK/$vm.console" &
    readers_of[$vm]=$!
    cat <"$WORK/$vm.err" >>"$WORK/$vm.log" &
    readers_of[$vm]+=" $!"
    (
        enter_cgroup
        # shellcheck disable=SC2261 # its input is opened for both, so that it has no end
        exec "${before[@]}" "$@" <>"$WORK/$vm.in" >"$WORK/$vm.out" 2>"$WORK/$vm.err"
    ) &
    pid_of[$vm]=$!
}

tell() { # TEXT: types a line at the guest's console
    printf '%s\n' "$*" >"$WORK/$vm.in"
}

is_running() {
    kill -0 "${pid_of[$vm]}" 2>/dev/null
}

# waits_for REGEX [TIMES]: until the console has a line like this, or so many; false if the guest ends or
# stands still before.
waits_for() {
    local times=${2:-1} text seen=-1 since uptime
    while true; do
        read_all "$WORK/$vm.console"
        look_at_uptime
        if [ ${#text} -ne "$seen" ]; then
            [ "$(grep -cE -- "$1" <<<"$text")" -lt "$times" ] || return 0
            seen=${#text} since=$uptime
        fi
        if ! is_running; then
            sleep 0.2
            [ "$(grep -cE -- "$1" "$WORK/$vm.console")" -ge "$times" ]
            return
        fi
        [ $((uptime - since)) -lt "$patience" ] || return 1
        a_moment
    done
}

# ended STATUS [STATUS_OF_VMM]: the guest's script ended with this status, and the VMM with its own.
ended() {
    local status
    waits_for '^init: status [0-9]' || fail "the guest has not come to its end"
    for _ in {1..300}; do
        is_running || break
        a_moment
    done
    ! is_running || fail "the VM does not end"
    wait "${pid_of[$vm]}"
    status=$?
    # shellcheck disable=SC2086 # two of them
    wait ${readers_of[$vm]}
    unset "pid_of[$vm]" "readers_of[$vm]"
    [ "$status" -eq "${2:-0}" ] || fail "the VMM ended with $status, not ${2:-0}"
    status=$(sed -n 's/^init: status \([0-9]*\)$/\1/p' "$WORK/$vm.console" | tail -n 1)
    [ "$status" = "$1" ] || fail "the guest's script ended with ${status:-nothing}, not $1"
}

says() { # REGEX
    grep -qE -- "$1" "$WORK/$vm.console" || fail "the guest has not said: $1"
}

logs() { # REGEX: a line of the VMM's log
    grep -qE -- "$1" "$WORK/$vm.log" || fail "the VMM has not logged: $1"
}

# Ends a guest that is not to come to its end.
end_vm() {
    kill -KILL "${pid_of[$vm]}" 2>/dev/null
    loosen_cgroup
    # shellcheck disable=SC2086 # two of them
    wait "${pid_of[$vm]}" ${readers_of[$vm]} 2>/dev/null
    unset "pid_of[$vm]" "readers_of[$vm]"
}
