# SPDX-License-Identifier: MIT
"""Is VMs that mean ill to whoever asks for metrics, or hang: a socket for each in the directory. Their names tell
what they do; those that begin with "good" tell metrics that can be read. Runs until it is ended; prints "ready".

usage: metrics_servers.py DIRECTORY"""

import os
import socket
import struct
import sys
import threading
import time

from control_messages import field, frame, number, number_in, read_frame, varint

METRICS = 28
UNKNOWN_CALL, BUSY = 2, 7
HANGING = 20


def accounts():
    return b"".join(field(tag, number(1, 1) + number(3, 2)) for tag in (3, 4, 5, 6, 7, 8, 20, 21))


def tag(value, quota=0):
    quotas = field(4, number(1, quota))
    return field(17, number(1, value) + field(2, number(2, 10)) + field(3, b"") + quotas + number(5, 7))


def histogram(call, bounds, counts, total=5):
    packed = lambda values: b"".join(varint(value) for value in values)
    return field(8, field(1, call) + field(2, packed(bounds)) + field(3, packed(counts)) + number(4, total))


def metrics(version=b"1.0", guarantee=b"", mode=b"strict", rest=b""):
    return (field(1, b"not its name") + field(2, version) + field(6, number(2, 2)) +
            field(7, field(1, mode) + accounts() + guarantee) + rest)


LARGEST = (1 << 64) - 1
ANSWERS = {
    # A name, and what it answers.
    "good_escapes": metrics(version=b'1 "\\\n} x{y="z\xff', mode=b'strict"} 1\n'),
    "good_largest": metrics(guarantee=number(13, LARGEST) + number(23, 0xFFFFFFFF),
                            rest=histogram(b"MAP", [1000, 2000], [LARGEST, LARGEST, 1], LARGEST) + number(10, LARGEST)),
    "good_tags": metrics(guarantee=b"".join(tag(value) for value in range(1, 1000)) + tag(2000, 5)),
    "good_long": metrics(version=b"v" * 100000),
    "good_state": metrics()[:] + field(6, number(2, 99)),
    "bad_tags_twice": metrics(guarantee=tag(7) + tag(7)),
    "bad_tags_many": metrics(guarantee=b"".join(tag(value) for value in range(1, 1030))),
    "bad_tag_empty": metrics(guarantee=field(17, number(1, 3))),
    "bad_no_accounts": field(6, b"") + field(7, field(1, b"off")),
    "bad_no_stats": field(7, field(1, b"off") + accounts()),
    "bad_nothing": b"",
    "bad_call": metrics(rest=histogram(b'MAP",x="', [1], [1, 1])),
    "bad_call_twice": metrics(rest=histogram(b"MAP", [1], [1, 1]) * 2),
    "bad_bounds_fall": metrics(rest=histogram(b"MAP", [5, 4], [1, 1, 1])),
    "bad_bounds_alike": metrics(rest=histogram(b"MAP", [4, 4], [1, 1, 1])),
    "bad_bounds_large": metrics(rest=histogram(b"MAP", [LARGEST - 1, LARGEST], [1, 1, 1])),
    "bad_bounds_many": metrics(rest=histogram(b"MAP", range(1, 5000), [1] * 5000)),
    "bad_counts_few": metrics(rest=histogram(b"MAP", [1, 2], [1])),
}


def answer(request, content):
    return frame(number(1, number_in(request, 2)) + number(4, 3) + field(METRICS, content))


def refuse(request, status):
    return frame(number(1, number_in(request, 2)) + number(2, status) + field(3, b"no \x1b[31m\nno"))


def drip(client, data):
    for byte in data:
        client.sendall(bytes([byte]))
        time.sleep(0.2)


def serve(client, name):
    try:
        request = read_frame(client)
        if name in ANSWERS:
            client.sendall(answer(request, ANSWERS[name]))
        elif name == "old":
            client.sendall(refuse(request, UNKNOWN_CALL))
        elif name == "bad_busy":
            client.sendall(refuse(request, BUSY))
        elif name == "bad_drip":
            drip(client, answer(request, metrics()))
        elif name == "bad_huge":
            client.sendall(struct.pack(">I", 0xFFFFFFFF) + b"x" * 10000)
        elif name == "bad_flood":
            while True:
                client.sendall(frame(number(1, 1 << 40) + field(METRICS, metrics())))
        elif name == "bad_noise":
            client.sendall(frame(os.urandom(5000)))
        elif name == "bad_closes":
            client.close()
            return
        time.sleep(600)
    except (EOFError, OSError):
        pass


def accept(listener, name):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, name), daemon=True).start()


def main():
    names = list(ANSWERS) + ["old", "bad_busy", "bad_drip", "bad_huge", "bad_flood", "bad_noise", "bad_closes"]
    names += [f"bad_hangs_{i}" for i in range(HANGING)]
    deaf = []
    for name in names + ["bad_deaf"]:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"{sys.argv[1]}/{name}.sock")
        listener.listen(0 if name == "bad_deaf" else 16)
        if name == "bad_deaf":  # never accepts, and its queue is full
            deaf.append(listener)
            for _ in range(3):
                client = socket.socket(socket.AF_UNIX)
                client.setblocking(False)
                client.connect_ex(f"{sys.argv[1]}/{name}.sock")
                deaf.append(client)
        else:
            threading.Thread(target=accept, args=(listener, name), daemon=True).start()
    print("ready", flush=True)
    time.sleep(3600)


main()
