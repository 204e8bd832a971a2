#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# make demo-linux: Linux with little RAM swaps on a file of the host that it sees through a window. A
# hog writes several times the RAM and reads it back; then once more, with the VMM's memory cgroup
# full. Ends with a status other than 0 if a page differs, a call was refused or the guest got stuck.
#   demo-linux.sh         where KVM can run Linux, here, else in the test VM; says which
#   demo-linux.sh here    here
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
. tests/linux/linux.bash
kernel=6.12-cloud memory=80M
hog_mib=240 swap_mib=256 window=2M chunk=64K
patience=120

fail() {
    echo "demo-linux: $*" >&2
    [ ! -e "$WORK/$vm.log" ] || tail -n 10 "$WORK/$vm.console" "$WORK/$vm.log" >&2
    exit 1
}

# ---- where ----

# The surest way to know whether KVM runs Linux here is to have it do so. Where it emulates what the
# guest's kernel executes, that would take minutes, or never end.
runs_linux() {
    local limit=10 since=$SECONDS
    local vm=attempt modules=()
    boot <<<'echo up'
    until grep -q '^up' "$WORK/attempt.console"; do
        is_running && [ $((SECONDS - since)) -lt $limit ] || break
        sleep 0.1
    done
    end_vm
    grep -q '^up' "$WORK/attempt.console" ||
        { echo "KVM does not run Linux here: it started no process within $((SECONDS - since)) seconds."; return 1; }
}

may_run_here() {
    # By its number, too: a container may have something else of that name.
    [ "$(stat -L -c %t:%T /dev/kvm 2>/dev/null)" = a:e8 ] && : 2>/dev/null <>/dev/kvm ||
        { echo "/dev/kvm cannot be opened here."; return 1; }
    (make_cgroup >/dev/null && remove_cgroup) ||
        { echo "No memory cgroup can be made here, which takes root."; return 1; }
    runs_linux
}

in_test_vm() {
    local status=0
    echo "So all of it runs in the test VM, whose processor is emulated and slow."
    deploy/libvirt/test-vm.sh --memory 1536 --limit 900 --path "$BUILD/linux/$kernel/vmlinux" \
        --path "$BUILD/linux/$kernel/release" --path "$BUILD/linux/$kernel/modules" \
        --path "$BUILD/linux/programs" --program ldd "deploy/demo-linux.sh here" || status=$?
    exit $status
}

# ---- what the guest says ----

# Prints what comes, until a line like this comes; that one it does not print.
follow() { # REGEX
    local line part='' since=$SECONDS
    while :; do
        if IFS= read -r -u 8 line; then
            line=$part$line part='' since=$SECONDS
            [[ ! $line =~ $1 ]] || return 0
            # The figures come in a table.
            [[ $line =~ ^(hog:\ pages|figures:) ]] || echo "    $line"
            continue
        fi
        part+=$line
        is_running || fail "the guest has ended early"
        [ $((SECONDS - since)) -lt "$patience" ] || fail "the guest has stood still for $patience seconds"
        sleep 0.1
    done
}

# A hog in a guest of its own. When the guest is about to start it, PREPARE is called.
declare -A first=() second=()
run_hog() { # FIGURES PREPARE: the array FIGURES gets them
    local -n figures=$1
    local name
    boot --object "name=swap,path=$WORK/swap,access=rw" <<END
mkswap /dev/hfblk0 >/dev/null && swapon /dev/hfblk0 || exit 1
echo swaps
read -r word
hog $hog_mib || exit 2
cd /sys/block/hfblk0/holdfast
echo "figures: remaps \$(cat remaps) refused \$(cat refused)"
END
    exec 8<"$WORK/guest.console"
    follow '^swaps' >/dev/null
    $2
    tell go
    follow '^init: status'
    short=$(($(shortages) - before_hog))
    ended 0
    for name in pages differ swapped-out swapped-in major-faults milliseconds remaps refused; do
        figures[$name]=$(sed -nE "s/^(hog|figures): (.* )?$name ([0-9]+).*/\3/p" "$WORK/guest.console")
        [ -n "${figures[$name]}" ] || fail "the guest has not told: $name"
    done
}

row() { # TITLE FIGURE FIGURE
    printf '    %-46s %12s %12s\n' "$@"
}

tell_figure() { # TITLE NAME
    row "$1" "${first[$2]}" "${second[$2]}"
}

seconds() { # MILLISECONDS
    printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100))
}

# ---- the demo ----

[ -e "$BUILD/linux/$kernel/vmlinux" ] ||
    fail "there is no kernel to start; deploy/linux/kernels.sh $kernel says why"
if [ "${1:-}" != here ]; then
    may_run_here || in_test_vm
    echo "KVM runs Linux here, and so all of it runs here."
fi
modules=(holdfast "hfblk objects=swap window=$window chunk=$chunk") programs=(hog)
make_cgroup
dd if=/dev/zero of="$WORK/swap" bs=1M count=$swap_mib status=none || fail "no room for $WORK/swap"

say_first() {
    before_hog=$(shortages)
    echo "   It swaps on that, and a hog writes $hog_mib MiB, $((hog_mib / ${memory%M})) times the RAM."
}
say_second() {
    fill_cgroup
    before_hog=$(shortages)
    echo "   The cgroup is full now: its limit is the $(($(in_use) >> 20)) MiB that are in use. The hog starts."
}
echo
echo "1. Linux $(cat "$BUILD/linux/$kernel/release") starts with $memory of RAM. /dev/hfblk0 is a file of the host,"
echo "   $swap_mib MiB, through a window of $window."
run_hog first say_first
echo "2. The same with the VMM's memory cgroup full: the host has not a page to give."
run_hog second say_second

echo "3. The figures:"
row '' 'as it comes' 'cgroup full'
tell_figure 'pages written and compared' pages
tell_figure 'pages swapped out' swapped-out
tell_figure 'pages swapped in' swapped-in
tell_figure 'page faults that had to swap in' major-faults
tell_figure 'parts of the window mapped anew (REMAP)' remaps
row 'times the host had to look for memory' - "$short"
row 'seconds' "$(seconds "${first[milliseconds]}")" "$(seconds "${second[milliseconds]}")"
tell_figure 'failures: pages that differ' differ
tell_figure 'failures: calls refused' refused
[ $((first[differ] + second[differ] + first[refused] + second[refused])) -eq 0 ] ||
    fail "there were failures"
[ "$short" -gt 0 ] || fail "the cgroup was not full: this shows nothing"
echo "0 failures."
