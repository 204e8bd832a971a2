# SPDX-License-Identifier: MIT
"""Runs a program with a terminal as standard error that nobody reads, and that has room for half a
line of the log: log_terminal.py ROOM PROGRAM [ARGUMENT ...]. Says "ready" on standard output,
waits for the program's end, and prints what it wrote meanwhile."""

import ctypes
import functools
import os
import pty
import select
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1


def fill(fd):
    """As many bytes as it takes, also after a while; their number."""
    count = 0
    for _ in range(3):
        try:
            while True:
                count += os.write(fd, b"x")
        except BlockingIOError:
            time.sleep(0.02)
    return count


def drain(poll, reader):
    """Until there is room again."""
    while not poll.poll(0):
        os.read(reader, 16)
        time.sleep(0.001)


room = int(sys.argv[1])
reader, terminal = pty.openpty()
# It must not outlive this program, which a test that fails ends.
die_with_parent = functools.partial(ctypes.CDLL(None).prctl, PR_SET_PDEATHSIG, signal.SIGKILL)
program = subprocess.Popen(sys.argv[2:], preexec_fn=die_with_parent, stdin=subprocess.DEVNULL, stderr=terminal)
line = b""
while b"runs;" not in line:
    line += os.read(reader, 4096)
filler = os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
poll = select.poll()
poll.register(filler, select.POLLOUT)
# The kernel gives room back in pieces of its own choice.
pieces = [0, fill(filler)]
while not poll.poll(0):
    while pieces[-1] != pieces[-2]:
        drain(poll, reader)
        pieces.append(fill(filler))
    drain(poll, reader)
    os.write(filler, b"x" * (pieces.pop() - room))
print("ready", flush=True)
status = program.wait()
os.set_blocking(reader, False)
rest = b""
try:
    while True:
        rest += os.read(reader, 4096)
except (BlockingIOError, OSError):
    print(rest[rest.rfind(b"x") + 1 :].decode(), flush=True)
sys.exit(status)
