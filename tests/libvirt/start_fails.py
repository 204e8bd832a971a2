# SPDX-License-Identifier: MIT
# A machine that cannot start, because its monitor's socket is taken, ends although an operator has
# asked to pause it meanwhile, and no vCPU is there to be paused.
#   start_fails.py PROGRAM KERNEL DIRECTORY
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import termios
import time

PATIENCE = 60
PAUSE = struct.pack(">I", 3) + b"\x92\x01\x00"


def unread(sender):
    """Bytes that the other side has not taken yet."""
    count = bytearray(4)
    fcntl.ioctl(sender, termios.TIOCOUTQ, count)
    return int.from_bytes(count, sys.byteorder)


program, kernel, directory = sys.argv[1:]
taken = os.path.join(directory, "taken")
control = os.path.join(directory, "late.sock")
open(taken, "w").close()

# With its log full, the VMM waits between its control socket and its monitor.
reading, writing = os.pipe()
fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
try:
    while True:
        os.write(writing, b"\n")
except BlockingIOError:
    fcntl.fcntl(writing, fcntl.F_SETFL, 0)
vmm = subprocess.Popen([program, "-machine", "isapc", "-kernel", kernel, "-qmp", f"unix:{taken},server=on,wait=off",
                        "--name", "late", "--control", control], stderr=writing, stdin=subprocess.DEVNULL)
os.close(writing)
until = time.monotonic() + PATIENCE
while not os.path.exists(control) and time.monotonic() < until and vmm.poll() is None:
    time.sleep(0.01)
client = socket.socket(socket.AF_UNIX)
client.connect(control)
client.sendall(PAUSE)
while unread(client) > 0 and time.monotonic() < until:
    time.sleep(0.01)
said = b""
try:
    while select.select([reading], [], [], PATIENCE)[0]:
        part = os.read(reading, 65536)
        if not part:
            break
        said += part
    assert vmm.wait(PATIENCE) == 2, said.strip()
    assert b"cannot make the monitor's socket" in said, said.strip()
finally:
    vmm.kill()
