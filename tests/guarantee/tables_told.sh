#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What INFO and the CLI say of second-level tables is what this host's KVM does. Where they say that
# tables are made ahead, RESERVE makes them and the first touch of a page after MAP takes no fault.
# Where they do not, touching takes faults, what KVM will need for its tables is ballast, strict
# refuses to start, and the operator is told what is missing. Linux 6.11 and later with nested paging
# makes them.
. tests/guarantee/storm.bash
without_filters=(--sandbox off)

second_level_kib() {
    echo 1 >/proc/sys/vm/stat_refresh
    sed -n 's/^SecPageTables: *\([0-9]*\) kB/\1/p' /proc/meminfo
}
faults() { # that this VM's vCPUs have taken, where that can be read
    cat /sys/kernel/debug/kvm/"$pid"-*/pf_taken 2>/dev/null
}
next() { # WORD: what the guest says when it has gone on
    go_on
    says "$1" || fail "the guest stands still"
}
of_info() { # WHEN MEMBER
    sed -n "s/^INFO $1 .*$2 \([0-9]*\).*/\1/p" "$WORK/console"
}
ctl_says() { # REGEX COMMAND
    "$BUILD/holdfastctl" "$2" storm >"$WORK/said" || fail "holdfastctl $2 fails"
    grep -qE "$1" "$WORK/said" || fail "holdfastctl $2 does not say $1: $(cat "$WORK/said")"
}
if [ ! -d /sys/kernel/debug/kvm ]; then mount -t debugfs none /sys/kernel/debug 2>/dev/null; fi
start tables_told ''
before_reserve=$(second_level_kib)
next reserved
grown=$(($(second_level_kib) - before_reserve))
pieces=$(sed -n 's/^reserved //p' "$WORK/console")

# What is said.
ahead=no
[ $(($(of_info before guarantee) & 0x20)) -eq 0 ] || ahead=yes
[ $((($(of_info before features) & 0x8) != 0)) -eq "$([ $ahead = yes ] && echo 1 || echo 0)" ] ||
    fail "features and guarantee differ: $(grep ^INFO "$WORK/console")"
set_aside=$(($(of_info after ballast) - $(of_info before ballast)))
[ "$(of_info after tables)" -eq "$pieces" ] || fail "not $pieces tables: $(grep ^INFO "$WORK/console")"
if [ $ahead = yes ]; then
    ctl_says '^Features .*prefault' info
    ctl_says '^Tables made ahead +yes$' guarantee
    ctl_says '^Tables made ahead +yes$' stats
else
    ctl_says '^Features +pio' info
    ! grep -q prefault "$WORK/said" || fail "holdfastctl info says prefault"
    ctl_says "^Tables made ahead +no: this host's KVM cannot; Linux 6.11" guarantee
    ctl_says '^Tables made ahead +no \(the host cannot\)$' stats
fi
# By the shell alone: to start jq takes longer than all the rest in an emulated machine. Tables of RAM
# are made, or covered, in any case.
json_says() { # COMMAND REGEX ...: of what it prints, without blanks
    local text pattern
    "$BUILD/holdfastctl" --json "$1" storm >"$WORK/said" || fail "holdfastctl --json $1 fails"
    read_all "$WORK/said"
    text=${text//[[:space:]]/}
    for pattern in "${@:2}"; do
        [[ $text =~ $pattern ]] || fail "holdfastctl --json $1 does not say $pattern: $text"
    done
}
said=false made=0 made_of_ram=0
[ $ahead = no ] || said=true made=$pieces made_of_ram='[1-9][0-9]*'
json_says info '"features":\[([^]]*)\]'
told=${BASH_REMATCH[1]//\"/}
[ "$([[ ,$told, == *,prefault,* ]] && echo true || echo false)" = $said ] ||
    fail "holdfastctl --json info says features $told"
json_says guarantee '"name":"tables_ahead","met":'$said '"name":"ram_tables","met":true' \
    '"tables":\{"held":'"$pieces"',"in_use":'"$made"',' \
    '"ram_tables":\{"held":[0-9]*,"in_use":('"$made_of_ram"'),"limit":([0-9]*)\}'
[ $ahead = no ] || [ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ] ||
    fail "not all of RAM's tables are made"
json_says stats '"prefault":'$said

# What is so.
next mapped
before_touch=$(faults)
next maps
taken=unknown
[ -z "$before_touch" ] || taken=$(($(faults) - before_touch))
go_on
ended 0
echo "INFO and the CLI say: $told, tables made ahead: $ahead"
echo "seen: RESERVE of $pieces pieces makes $grown KiB of second-level tables and sets" \
    "$((set_aside >> 10)) KiB aside; touching 512 pages takes $taken faults"
[ "$set_aside" -ge $((pieces * 4096)) ] || fail "the ballast does not cover $pieces tables"
if [ "$taken" != unknown ]; then
    [ $ahead = no ] || [ "$taken" -le 4 ] || fail "tables are not made ahead" # the console's pages may
    [ $ahead = yes ] || [ "$taken" -ge 512 ] || fail "tables are made ahead, and that is not said"
fi
if [ $ahead = no ]; then
    "$vmm" --name strict --kernel "$BUILD/guest/hello.elf" --guarantee strict \
        >"$WORK/console" 2>"$WORK/log" </dev/null
    status=$?
    [ $status -eq 2 ] && grep -qE 'oom_score_adj|KVM_PRE_FAULT_MEMORY|shares|cannot lock' "$WORK/log" ||
        fail "strict ends with $status"
fi

# Other VMs' tables are counted, too. In the test VM there is none beside this one.
if grep -q holdfast-test-vm /proc/cmdline; then
    [ $ahead = no ] || [ "$grown" -ge $((4 * pieces)) ] || fail "RESERVE makes no tables"
    [ $ahead = yes ] || [ "$grown" -lt $((4 * pieces)) ] || fail "RESERVE makes tables"
fi
nested=$(cat /sys/module/kvm_amd/parameters/npt /sys/module/kvm_intel/parameters/ept 2>/dev/null)
IFS=.- read -r major minor _ < <(uname -r)
if [[ $nested == *[Y1]* ]] && [ $((major * 1000 + minor)) -ge 6011 ]; then
    [ $ahead = yes ] || fail "Linux $(uname -r) with nested paging makes tables ahead: it is not said"
else
    [ $ahead = no ] || fail "Linux $(uname -r) makes no tables ahead: it is said"
fi
