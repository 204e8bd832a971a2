# SPDX-License-Identifier: MIT
# holdfastctl ends with the documented status and says why on standard error, as JSON if asked to.
. tests/system/control.bash
export XDG_RUNTIME_DIR=$WORK

expect 0 --help
expect 0 --version
for command in list info windows objects attach detach stats watch map guarantee quota drill pause \
    resume reset stop ping; do
    expect 0 help $command
    says "^Usage: holdfastctl $command"
done

# 2: usage.
expect 2
expect 2 frobnicate
expect 2 help frobnicate
expect 2 --frobnicate list
expect 2 -x list
expect 2 info
expect 2 info a b
expect 2 list --force
expect 2 watch web --interval 0
expect 2 watch web --interval x
expect 2 watch web --count 0
expect 2 watch web --count
expect 2 map web --rows 65
expect 2 info ..
says 'bad VM name'
expect 2 attach web disk

# 3: no such VM. No directory is no VM, too.
expect 0 list
says 'No VM is running'
holds '.vms == []' list
expect 3 info web
expect 3 info "$WORK/nothing"
expect 3 --json info web
jq -e '.exit == 3 and (.error | contains("web"))' "$WORK/err" >/dev/null || fail "no JSON failure"
[ ! -s "$WORK/out" ] || fail "a failure is printed on standard output"

# 4: it cannot be reached, or talks nonsense.
touch "$WORK/file"
expect 4 info "$WORK/file"
python3 - "$WORK" <<'END' &
import socket, sys
answers = {"text": b"220 smtp ready, this is no frame\r\n", "empty": b"\0\0\0\0",
           "other": b"\0\0\0\2\x08\x63", "garbage": b"\0\0\0\2\xff\xff", "closes": b"",
           "newstatus": b"\0\0\0\x07\x08\x01\x10\x63\x1a\x01!",
           "escape": b"\0\0\0\x0a\x08\x01\x10\x09\x1a\x04\x1b[2J",
           "newer": b"\0\0\0\x16\x08\x01\x20\x07\x52\x0a\x0a\x03web\x12\x03new\xca\x0c\x03new"}
import threading
def serve(name, answer):
    s = socket.socket(socket.AF_UNIX); s.bind(f"{sys.argv[1]}/{name}.sock"); s.listen()
    while True:
        c, _ = s.accept(); c.recv(100); c.sendall(answer); c.close()
for name, answer in answers.items():
    threading.Thread(target=serve, args=(name, answer), daemon=True).start()
open(f"{sys.argv[1]}/up", "w").close()
sys.stdin.close()
threading.Event().wait(60)
END
pid_of[fakes]=$!
while [ ! -e "$WORK/up" ]; do sleep 0.05; done
sleep 0.2
for fake in text empty other garbage closes; do
    expect 4 ping "$WORK/$fake.sock"
done

# A newer VMM: a status that is not known is a failure, fields that are not known are nothing.
expect 1 ping "$WORK/newstatus.sock"
says 'status 99'
expect 0 ping "$WORK/newer.sock"

# What a VMM says does not reach the terminal's ears.
expect 1 ping "$WORK/escape.sock"
grep -q $'\x1b' "$WORK/err" && fail "an escape sequence got through"
says '\?\[2J'

# 1: the VM refuses; 0: it does not.
start web
expect 1 detach web nothing
expect 0 ping web
expect 0 list
says '^web +running'

# 4: a VMM that is stopped does not answer; list waits less and shows it.
kill -STOP "${pid_of[web]}"
for task in /proc/"${pid_of[web]}"/task/*/stat; do
    until grep -q ') T' "$task"; do sleep 0.01; done
done
holds '.vms[0].state == "no answer"' list
expect 4 ping web
says 'does not answer'
kill -CONT "${pid_of[web]}"
expect 0 ping web

# A full disk is told.
"$ctl" info web >/dev/full 2>"$WORK/err"
[ $? -eq 1 ] || fail "no failure on a full disk"
