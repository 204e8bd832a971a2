#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A resource limit that is too low for a VM, a full disk or a closed standard output is told with one
# line that names it and says what to do, and status 2; nothing that was made is left. A VM that fits
# runs. The programs as they are installed: the sanitizers need more of everything.
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
. tests/needs.bash
needs setpriv
make -s B="$BUILD" guest SRC=tests/system/guests/writes.c OUT="$WORK/writes.elf" || exit 1
. tests/system/refused.bash
vmm=$(realpath "$OLDPWD/$BUILD/holdfast-vmm")
ctl=$(realpath "$OLDPWD/$BUILD/holdfastctl")
hello=(--kernel "$guest")

# limited SETTING -- OPTION...: holdfast-vmm after `ulimit SETTING`; without a capability that lifts it.
limited() {
    local setting=$1
    shift 2
    # shellcheck disable=SC2086 # two words
    (ulimit $setting && exec setpriv --bounding-set -ipc_lock,-sys_resource timeout 30 "$vmm" "$@") \
        >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
}

# low SETTING WORD... -- OPTION...
low() {
    local setting=$1 words=() word before status
    shift
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    before=$(files)
    limited "$setting" -- "$@"
    status=$?
    [ $status = 2 ] || complain "exit status $status, wanted 2, with ulimit $setting" "$@"
    [ "$(wc -l <"$WORK/stderr")" = 1 ] || complain "standard error is not one line, with ulimit $setting" "$@"
    for word in "${words[@]}" "ulimit ${setting%% *}"; do
        grep -qF -- "$word" "$WORK/stderr" || complain "with ulimit $setting, the message lacks: $word" "$@"
    done
    [ "$(files)" = "$before" ] || complain "with ulimit $setting it left something behind" "$@"
}

enough() { # SETTING OPTION...
    limited "$1" -- "${hello[@]}" "${@:2}" || complain "exit status $?, wanted 0, with ulimit $1" "${@:2}"
}

low "-f 8" "8 KiB" raise -- "${hello[@]}"
low "-f 8192" 8388608 raise -- "${hello[@]}" --memory 4M --object name=a,path=new,size=8388608001,create
low "-s 64" "64 KiB" "256 KiB" -- "${hello[@]}"
low "-d 1000" "1000 KiB" raise -- "${hello[@]}"
low "-d 20000" "20000 KiB" ballast raise -- "${hello[@]}"
low "-v 60000" "60000 KiB" raise -- "${hello[@]}"
low "-v 400000" -- "${hello[@]}"
low "-n 10" 10 28 -- "${hello[@]}"
low "-n 40" 40 91 -- "${hello[@]}" --vcpus 64
low "-l 64" "64 KiB" CAP_IPC_LOCK -- "${hello[@]}"
low "-l 4096" -- "${hello[@]}" --guarantee strict
enough "-s 256"
enough "-Ss 64"
enough "-s unlimited"
enough "-n 28"
! grep -q 'Too many open files' "$WORK/stderr" || complain "with ulimit -n 28 the sandbox is not whole" "${hello[@]}"
enough "-Sn 10"
# What the manual says is enough.
for vcpus in 1 16; do enough "-l 1904" --vcpus $vcpus; done
enough "-l 1904" --memory 4M --guarantee off

# Timers; timeout(1) makes one of its own.
(ulimit -i 0 && exec "$vmm" "${hello[@]}") >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
status=$?
[ $status = 2 ] || complain "exit status $status, wanted 2" "with ulimit -i 0"
grep -q 'limited to 0 (ulimit -i)' "$WORK/stderr" || complain "the message lacks: ulimit -i"

# Threads: those of a user without privileges are counted.
if [ "$(id -u)" = 0 ] && setpriv --reuid 64123 --clear-groups test -r "$guest" -a -x "$vmm"; then
    mkdir -m 700 "$WORK/theirs"
    chown 64123 "$WORK/theirs"
    chmod o+x "$WORK/.." "$WORK" 2>/dev/null
    exec 9<>/dev/kvm
    (
        ulimit -u 3
        HOLDFAST_RUNTIME_DIR=$WORK/theirs exec setpriv --reuid 64123 --groups "$(stat -c %g /dev/kvm)" \
            timeout 30 "$vmm" "${hello[@]}" --vcpus 8
    ) >"$WORK/stdout" 2>"$WORK/stderr" </dev/null
    status=$?
    exec 9>&-
    if ! grep -qE "/dev/kvm|shared libraries|$WORK" "$WORK/stderr"; then
        [ $status = 2 ] || complain "exit status $status, wanted 2" "with ulimit -u 3"
        grep -q 'ulimit -u' "$WORK/stderr" || complain "the message lacks: ulimit -u" "with ulimit -u 3"
    fi
fi

# ---- standard output ----

for option in --help --version -h -V --sandbox-list; do
    "$vmm" $option >/dev/full 2>"$WORK/stderr"
    status=$?
    [ $status = 2 ] || complain "exit status $status, wanted 2" $option ">/dev/full"
    grep -q 'No space left' "$WORK/stderr" || complain "it does not say why" $option ">/dev/full"
    "$vmm" $option >&- 2>"$WORK/stderr"
    status=$?
    [ $status = 2 ] || complain "exit status $status, wanted 2" $option ">&-"
done
"$vmm" "${hello[@]}" >&- 2>"$WORK/stderr" </dev/null
status=$?
[ $status = 2 ] || complain "exit status $status, wanted 2" ">&-"
grep -q 'without standard output' "$WORK/stderr" || complain "it does not say why" ">&-"
# What a VM opens must not become its standard input or error.
"$vmm" "${hello[@]}" <&- >"$WORK/stdout" 2>"$WORK/stderr" || complain "exit status $?" "<&-"
"$vmm" "${hello[@]}" </dev/null >"$WORK/stdout" 2>&- || complain "exit status $?" "2>&-"
grep -q hello "$WORK/stdout" || complain "the guest says nothing" "2>&-"

# A VM that runs goes on where its output finds no room, and says so.
"$vmm" "${hello[@]}" >/dev/full 2>"$WORK/stderr" </dev/null || complain "exit status $?" ">/dev/full"
grep -q 'No space left on device; what the guest sends is lost' "$WORK/stderr" ||
    complain "it does not say that output is lost" ">/dev/full"
grep -q '[1-9][0-9]* bytes were lost' "$WORK/stderr" || complain "it does not say how much" ">/dev/full"
head -c 1000000 /dev/zero >"$WORK/long"
(ulimit -f 65536 && exec "$vmm" "${hello[@]}" --memory 64M --console-log file:"$WORK/long") \
    >"$WORK/stdout" 2>"$WORK/stderr" </dev/null || complain "exit status $?" "with ulimit -f 65536"

# The soft limit alone can be told.
(ulimit -St 1 && exec timeout 60 "$vmm" --kernel "$WORK/writes.elf") \
    >/dev/null 2>"$WORK/stderr" </dev/null
status=$?
[ $status = 125 ] || complain "exit status $status, wanted 125" "with ulimit -St 1"
grep -q 'ulimit -t' "$WORK/stderr" || complain "it does not say why" "with ulimit -St 1"

# ---- holdfastctl ----

ctl_fails() { # STATUS WORD SETTING ARGUMENT...
    # shellcheck disable=SC2086 # two words
    (ulimit $3 && exec timeout 30 "$ctl" "${@:4}") >"$WORK/ctl" 2>"$WORK/stderr"
    local status=$?
    [ $status = "$1" ] || complain "holdfastctl: exit status $status, wanted $1, with ulimit $3" "${@:4}"
    grep -qF -- "$2" "$WORK/stderr" || complain "the message lacks: $2" "${@:4}"
}
ctl_fails 2 "ulimit -s" "-s 64" list
printf '%100000s' '' >"$WORK/ctl"
(ulimit -f 1 && exec "$ctl" --help) >>"$WORK/ctl" 2>"$WORK/stderr"
status=$?
[ $status = 1 ] || complain "holdfastctl: exit status $status, wanted 1, with ulimit -f 1" --help
grep -q 'ulimit -f' "$WORK/stderr" || complain "the message lacks: ulimit -f" --help
for words in --help --version "--json list" "help info"; do
    # shellcheck disable=SC2086 # words
    "$ctl" $words >/dev/full 2>"$WORK/stderr"
    status=$?
    [ $status = 1 ] || complain "holdfastctl: exit status $status, wanted 1" "$words >/dev/full"
    # shellcheck disable=SC2086 # words
    "$ctl" $words >&- 2>"$WORK/stderr"
    status=$?
    [ $status = 1 ] || complain "holdfastctl: exit status $status, wanted 1" "$words >&-"
done
conclude
