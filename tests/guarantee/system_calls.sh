#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Calls of the guest make as many system calls as holdfast(7) says, section System calls: the formulas
# are taken from there.
. tests/needs.bash
needs strace
[ -z "$NO_KVM" ] || { echo "$NO_KVM"; exit 77; }
strace -o /dev/null true 2>/dev/null || { echo "processes cannot be traced here"; exit 77; }
set -u

formula() { # CALL: what the manual says of it
    sed -n '/^\.Ss System calls/,/^\.El/p' deploy/man/holdfast.7 | grep -A 1 "^\.It $1\$" | tail -n 1
}
for call in MAP UNMAP REMAP RELEASE FLUSH DISCARD; do
    [ -n "$(formula $call)" ] || { echo "no formula for $call in holdfast(7)"; exit 1; }
done

bound() { # CALL e u p: the most system calls, and the fewest, which are as many where u is 0
    local call=$1 e=$2 u=$3 p=$4 k=$k text
    [ "$p" -le 16384 ] || { k=0; u=0; }
    text=$(formula "${call% made}")
    case $call in
    'DISCARD made') text=${text#*made } ;;
    DISCARD) text=${text%%;*} ;;
    esac
    # shellcheck disable=SC2034 # they are in the formula
    most=$((text)) fewest=$((text))
    case $call in
    'DISCARD made') fewest=$((most - 1)) ;; # the last is for an object's last page
    REMAP) fewest=$((most - 2)) ;;
    esac
    [ "$u" -eq 0 ] || fewest=$((e + u))
}

# How many system calls the only vCPU makes between one fsync() and the next. Those that a signal has
# ended are made again. Where a signal has ended KVM_RUN, what follows is no call of the guest. The time
# is read without a system call but for some hosts.
count() {
    grep -l '^fsync(' "$WORK"/trace.* | head -n 1 | xargs cat | grep -v '^clock_gettime(' | awk '
        /KVM_RUN/ { interrupted = /= -1 E/; next }
        interrupted || /rt_sigreturn|^---|^\+\+\+|= -1 EINTR|= \? ERESTART/ { next }
        /^fsync\(/ { if (fences++ > 0) print calls; calls = 0; next }
        { calls++ }'
}

run() { # COMMAND-LINE [OPTION ...]
    rm -f "$WORK"/trace.* "$WORK/file"
    truncate -s "$size" "$WORK/file"
    for page in $(seq 0 2 38); do
        echo x | dd of="$WORK/file" bs=4096 seek="$page" conv=notrunc status=none || exit 1
    done
    timeout 100 strace -ff -o "$WORK/trace" "$BUILD/holdfast-vmm" --name system_calls --memory 64M \
        --kernel "$BUILD/tests/guarantee/system_calls.elf" --object "name=file,path=$WORK/file" \
        --object name=memory,size=256K --append "$@" </dev/null >"$WORK/said" 2>"$WORK/log" ||
        { cat "$WORK/said" "$WORK/log"; exit 1; }
    tr -d '\r' <"$WORK/said" >"$WORK/calls"
    k=$(sed -n 's/^k //p' "$WORK/calls")
    mapfile -t made < <(grep , "$WORK/calls")
    mapfile -t counted < <(count)
    check "$1"
}

check() {
    local i=0 line call e u p
    for line in "${made[@]}"; do
        IFS=, read -r call e u p <<<"$line"
        [ "$call" = FLUSH ] || bound "$call" "$e" "$u" "$p"
        if [ "$call" = FLUSH ]; then # nothing before its one fsync(), and nothing behind
            call='FLUSH but fsync()' most=0 fewest=0
            [ "${counted[i]:-none}" = 0 ] || { echo "FLUSH makes more than one system call"; exit 1; }
            i=$((i + 1))
        fi
        [ "${counted[i]:-none}" != none ] || { echo "$1: no fence behind $line"; exit 1; }
        echo "$call of $p pages: ${counted[i]}; holdfast(7): $fewest to $most"
        [ "${counted[i]}" -le "$most" ] && [ "${counted[i]}" -ge "$fewest" ] || {
            echo "that is not what holdfast(7) says (e $e, u $u, k $k)"
            exit 1
        }
        i=$((i + 1))
    done
    [ "$i" -eq ${#counted[@]} ] || { echo "$i calls were made, ${#counted[@]} seen"; exit 1; }
}

# On tmpfs the file's pages are made, too: fewer of them.
size=300M made=m
[ "$(stat -f -c %T "$WORK")" != tmpfs ] || size=66M made=mf
run "$made"
run - --guarantee off
