# SPDX-License-Identifier: MIT
# The examples for programs that control VMs do, with a real VM, what they are examples of.
. tests/system/control.bash
flags=(-Wall -Wextra -Werror -Wshadow -Wconversion -Iinclude)
read -ra compiler <<<"${CC:-cc}"
"${compiler[@]}" "${flags[@]}" -o "$WORK/vm_states" deploy/examples/vm_states.c "$BUILD/libholdfast.so.1" ||
    fail "vm_states.c does not build"
start web --object name=disk,size=4K

# waits_for LINE FILE
waits_for() {
    for _ in $(seq 200); do
        grep -qxF "$1" "$2" 2>/dev/null && return
        sleep 0.1
    done
    cat "$2"
    fail "$2 does not say: $1"
}

LD_LIBRARY_PATH=$BUILD "$WORK/vm_states" >"$WORK/states" 2>&1 &
pid_of[states]=$!
waits_for 'web: running' "$WORK/states"
# It asks for what is new only once it has said so.
sleep 0.5
expect 0 pause web
waits_for 'web: paused' "$WORK/states"

path=$HOLDFAST_RUNTIME_DIR/web.sock
# Debian's package is for Debian's python3, which need not be the first.
python=
for candidate in python3 /usr/bin/python3; do
    [ -n "$python" ] || ! "$candidate" -c 'import google.protobuf' 2>/dev/null || python=$candidate
done
if [ -n "$python" ] && command -v protoc >/dev/null; then
    protoc -Iproto --python_out="$WORK" holdfast/control/v1/control.proto || fail "protoc fails"
    PYTHONPATH=$WORK "$python" -B deploy/examples/vm_info.py "$path" >"$WORK/python" 2>&1 ||
        fail "vm_info.py fails: $(cat "$WORK/python")"
    grep -qE '^web: paused, 1 vCPUs, [0-9]+ MiB, .*busy_windows' "$WORK/python" ||
        fail "vm_info.py does not tell what web is: $(cat "$WORK/python")"
    [ "$(grep -c '^window at 0x' "$WORK/python")" -eq "$("$ctl" --json windows web | jq '.windows | length')" ] ||
        fail "vm_info.py does not tell of each window: $(cat "$WORK/python")"
    PYTHONPATH=$WORK "$python" -B deploy/examples/vm_info.py "$WORK/none" 2>"$WORK/python" &&
        fail "vm_info.py finds a VM that is not there"
    grep -q '^vm_info.py: ' "$WORK/python" || fail "vm_info.py does not say what is wrong: $(cat "$WORK/python")"
    skipped=
else
    skipped="python3-protobuf is not there: vm_info.py was not run"
fi

expect 0 stop web
unset "pid_of[web]"
waits_for 'web: ends' "$WORK/states"
wait "${pid_of[states]}" || fail "vm_states ended with $?"
unset "pid_of[states]"
[ -z "$skipped" ] || { echo "$skipped"; exit 77; }
