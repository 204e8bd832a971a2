# SPDX-License-Identifier: MIT
"""Does to a VM's control socket what no honest client does, and checks the answers."""

import os
import socket
import struct
import sys
import time

from control_messages import field, frame, number_in, read_frame, varint

OK, BAD_REQUEST, UNKNOWN_CALL, BUSY, TOO_LARGE = 0, 1, 2, 7, 8
PATH = sys.argv[1]
PING = b"\x10\x01\x52\x00"
LIST_WINDOWS = b"\x10\x02\x62\x00"


def join():
    client = socket.socket(socket.AF_UNIX)
    client.connect(PATH)  # waits while the backlog is full
    client.settimeout(8)
    return client


def status_of(client):
    """The status of the next response."""
    return number_in(read_frame(client), 2)


def check(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: got {got}, wanted {wanted}")


def well():
    with join() as client:
        client.sendall(frame(PING))
        check("an honest ping", status_of(client), OK)


def answered(what, message, wanted):
    """The message is answered so, and the connection lives on."""
    with join() as client:
        client.sendall(frame(message))
        check(what, status_of(client), wanted)
        client.sendall(frame(PING))
        check(what + ", then a ping", status_of(client), OK)


def ended(what, client):
    try:
        check(what, client.recv(1), b"")
    except ConnectionResetError:
        pass


def cut_off(what, data):
    """The data is answered TOO_LARGE, and the connection ends."""
    with join() as client:
        client.sendall(data)
        check(what, status_of(client), TOO_LARGE)
        ended(what, client)
    well()


nested = b""
while len(nested) < 60000:
    nested = field(10, nested)

answered("a frame without bytes", b"", UNKNOWN_CALL)
answered("an id only", b"\x10\x05", UNKNOWN_CALL)
answered("a call of a newer client", field(900, b"new"), UNKNOWN_CALL)
answered("an unknown field beside a call", field(9, b"x" * 1000) + PING, OK)
answered("unknown fields in a call", field(10, b"\x08\x01" + field(200, b"y" * 500)), OK)
answered("garbage", bytes(range(255, 0, -1)), BAD_REQUEST)
answered("text", b"GET / HTTP/1.1\r\nHost: vm\r\n\r\n", BAD_REQUEST)
answered("zeros", bytes(1000), BAD_REQUEST)
answered("a message cut short", b"\x72\x20\x0a\x04disk", BAD_REQUEST)
answered("a length of 4 GiB", b"\x72\xff\xff\xff\xff\x0f", BAD_REQUEST)
answered("a varint without end", b"\x10" + b"\xff" * 20, BAD_REQUEST)
answered("a group", b"\x53\x54", BAD_REQUEST)
answered("deep nesting", nested, OK)
answered("30000 unknown fields", b"\x48\x01" * 30000, TOO_LARGE)
answered("a name of 60000 bytes", field(14, field(1, b"n" * 60000)), BAD_REQUEST)
answered("a path of 60000 bytes", field(14, field(1, b"a") + field(2, b"/" * 60000)), BAD_REQUEST)
answered("a path with NUL", field(14, field(1, b"a") + field(2, b"/a\0b")), BAD_REQUEST)
answered("a picture of 2^32 - 1 cells", field(17, b"\x08" + varint(2**32 - 1)), BAD_REQUEST)
answered("1000 times the same call", b"\x52\x00" * 1000 + PING, OK)
answered("30000 times the same call", b"\x52\x00" * 30000 + PING, TOO_LARGE)
cut_off("one byte too many", struct.pack(">I", 65537))
cut_off("4 GiB", b"\xff\xff\xff\xff")
cut_off("text without a frame", b"hello, is anybody there?\n")

# Clients that leave at any place of a frame.
for length in range(len(frame(LIST_WINDOWS)) + 1):
    with join() as client:
        client.sendall(frame(LIST_WINDOWS)[:length])
well()

# Half a frame and then silence; a reader that never reads. Both are dropped after 5 s, and the
# others are served meanwhile.
silent, lazy = join(), join()
silent.sendall(b"\0\0\0\x20half")
lazy.setblocking(False)
start = time.monotonic()
try:
    while True:
        lazy.send(frame(LIST_WINDOWS))
except BlockingIOError:
    pass
well()
ended("half a frame, then silence", silent)
check("half a frame is dropped in time", 4.5 < time.monotonic() - start < 7.5, True)
well()
time.sleep(1)
lazy.setblocking(True)
lazy.settimeout(5)
try:
    while lazy.recv(65536):
        pass
except ConnectionResetError:
    pass
lazy.close()

# A hundred connections: 16 are served, or 14 where two are kept for root, the others told why not.
served = 16 if os.geteuid() == 0 else 14
clients = [join() for _ in range(100)]
answers = []
for client in clients:
    try:
        client.sendall(frame(PING))
    except BrokenPipeError:
        pass
    answers.append(status_of(client))
check("answers to a hundred clients", (answers.count(OK), answers.count(BUSY)), (served, 100 - served))
for client in clients:
    client.close()
time.sleep(0.2)
well()
