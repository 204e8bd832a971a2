# SPDX-License-Identifier: MIT
"""Hands a VM descriptors that are no good, and checks that each is refused with the reason and closed.

usage: attach_descriptors.py SOCKET PID DIRECTORY"""

import ctypes
import fcntl
import os
import socket
import sys
import time

from control_messages import field, frame, read_frame

PATH, PID, DIRECTORY = sys.argv[1:]
LIBC = ctypes.CDLL(None, use_errno=True)
F_ADD_SEALS, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_WRITE = 1033, 1, 2, 8
MFD_HUGETLB, MEMFD_SECRET = 4, 447


def attach(name, path=b"/it", read_only=False, handed_over=True):
    spec = field(1, name) + field(2, path) + (b"\x20\x01" if read_only else b"") + (b"\x30\x01" if handed_over else b"")
    return frame(b"\x10\x07" + field(14, spec))


def ask(request, descriptors):
    """The whole answer, as bytes: what it says is text in it."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(PATH)
    client.settimeout(20)
    socket.send_fds(client, [request], descriptors)
    answer = read_frame(client)
    client.close()
    return answer


def open_files():
    return len(os.listdir(f"/proc/{PID}/fd"))


def settled(wanted):
    for _ in range(100):
        if open_files() == wanted:
            return True
        time.sleep(0.1)
    return False


def new(name, size=65536):
    path = f"{DIRECTORY}/{name}"
    with open(path, "wb") as file:
        file.truncate(size)
    return path


def memfd(seals=0, flags=os.MFD_ALLOW_SEALING):
    fd = os.memfd_create("it", flags)
    os.ftruncate(fd, 2 << 20)
    if seals:
        fcntl.fcntl(fd, F_ADD_SEALS, seals)
    return fd


def leased():
    fd = os.open(new("leased"), os.O_RDONLY)
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return fd


def secret():
    fd = LIBC.syscall(MEMFD_SECRET, 0)
    if fd < 0:
        return None
    os.ftruncate(fd, 65536)
    return fd


def huge():
    try:
        return memfd(flags=MFD_HUGETLB)
    except OSError:
        return None


file = new("file")
KIND = b"neither a regular file nor a block device"
REFUSED = [
    ("a directory", os.open(DIRECTORY, os.O_RDONLY), True, KIND),
    ("a socket", socket.socket(socket.AF_UNIX).detach(), False, KIND),
    ("a pipe", os.pipe()[0], True, KIND),
    ("a device", os.open("/dev/null", os.O_RDWR), False, KIND),
    ("an eventfd", os.eventfd(0), False, KIND),
    ("a path only", os.open(file, os.O_PATH), True, b"O_PATH"),
    ("a path of a directory", os.open(DIRECTORY, os.O_PATH), True, b"O_PATH"),
    ("write only", os.open(file, os.O_WRONLY), False, b"for writing only"),
    ("write only, to be read", os.open(file, os.O_WRONLY), True, b"for writing only"),
    ("read only, to be written", os.open(file, os.O_RDONLY), False, b"for reading only"),
    ("to append", os.open(file, os.O_RDWR | os.O_APPEND), False, b"appending"),
    ("an empty file", os.open(new("empty", 0), os.O_RDWR), False, b"is empty"),
    ("a lease", leased(), True, b"lease"),
    ("a memfd that can be sealed", memfd(), False, b"F_SEAL_SEAL"),
    ("a memfd sealed against writing", memfd(F_SEAL_WRITE | F_SEAL_SEAL), False, b"cannot be mapped"),
    ("a file of /proc", os.open("/proc/self/status", os.O_RDONLY), True, b"is empty"),
    ("secret memory", secret(), False, b"secret memory"),
    ("huge pages", huge(), False, b"hugetlbfs"),
]
failed = 0


def check(what, holds, got=b""):
    global failed
    if not holds:
        failed += 1
        print(f"{what}: {got}")


before = open_files()
for what, fd, read_only, reason in REFUSED:
    if fd is None:
        print(f"{what}: not to be had here")
        continue
    answer = ask(attach(b"bad", read_only=read_only), [fd])
    check(what, reason in answer, answer)
check("a path without a descriptor", b"opens no file" in ask(attach(b"bad", file.encode(), handed_over=False), []))
check("a descriptor that did not come", b"did not arrive" in ask(attach(b"bad"), []))
check("one without a name", b"without a name" in ask(attach(b"bad", b""), [os.open(file, os.O_RDWR)]))
good = os.open(file, os.O_RDWR)
check("two", b"more than one" in ask(attach(b"bad"), [good, good]))
check("253", b"more than one" in ask(attach(b"bad"), [good] * 253))
check("what was refused is closed", settled(before), open_files())

for count in (1, 1, 2, 100):
    client = socket.socket(socket.AF_UNIX)
    client.connect(PATH)
    for _ in range(3):
        try:
            socket.send_fds(client, [b"\0"], [good] * count)
        except OSError:
            pass
    client.close()
check("what belongs to no request is closed", settled(before), open_files())

# What is good stays open, as one file each.
for number, (fd, read_only) in enumerate([(good, False), (os.open(file, os.O_RDONLY), True), (good, True),
                                          (memfd(F_SEAL_SHRINK | F_SEAL_SEAL), False), (memfd(), True)]):
    answer = ask(attach(b"good%d" % number, b"some name\n", read_only), [fd])
    check(f"a good one, {number}", b"/it" not in answer and len(answer) < 16, answer)
    check(f"it stays open, {number}", settled(before + number + 1), open_files())
sys.exit(failed != 0)
