# SPDX-License-Identifier: MIT
"""Is a server that means ill to holdfastctl: lists without end, lists of millions, floods, answers that
come byte by byte. Each command must end, say that the VM makes no sense or does not answer, and take
little memory and no more than two minutes.

usage: ctl_hostile_server.py HOLDFASTCTL DIRECTORY"""

import os
import socket
import subprocess
import sys
import threading
import time

from control_messages import field, fields, frame, number, number_in, read_frame

CTL, DIRECTORY = sys.argv[1:]
MEMORY_KIB = 300 << 10
SECONDS = 120
LIMITED = ["sh", "-c", "ulimit -v 4000000; exec \"$@\"", "sh"]


def call_of(message):
    """The number of the call: the last field that is a message."""
    return [tag for tag, is_number, _ in fields(message) if not is_number][-1]


class Server:
    """answer(call, count) gives the reply's content, or None for silence."""

    def __init__(self, name, answer, send=None):
        self.path = f"{DIRECTORY}/{name}.sock"
        self.answer = answer
        self.send = send or (lambda client, data: client.sendall(data))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        count = 0
        try:
            while True:
                message = read_frame(client)
                call = call_of(message)
                reply = self.answer(call, count)
                count += 1
                if reply is not None:
                    response = number(1, number_in(message, 2)) + field(call, reply)
                    self.send(client, frame(response))
        except (EOFError, OSError):
            pass


def windows(count, start, following):
    one = lambda i: number(1, i) + number(2, i << 12) + number(3, 1)
    return b"".join(field(1, one(start + i)) for i in range(count)) + number(2, following)


def endless(each):
    """Windows whose list never ends."""
    return lambda call, count: windows(each, 1 + count * each, 1 + (count + 1) * each) if call == 12 else b""


def slow(client, data):
    for byte in data:
        client.sendall(bytes([byte]))
        time.sleep(0.5)


def late(client, data):
    time.sleep(5)
    client.sendall(data)


def flood(client, data):
    client.sendall(data)
    while True:
        client.sendall(bytes(65536))


def many(part):
    return lambda call, count: part * (100000 // (len(part) // 2))


def run(what, server, *words):
    began = time.monotonic()
    command = subprocess.Popen([*LIMITED, CTL, *words[:-1], server.path, *words[-1]],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    timer = threading.Timer(SECONDS, command.kill)
    timer.start()
    said = command.stderr.read().decode()
    _, status, used = os.wait4(command.pid, 0)
    timer.cancel()
    took = time.monotonic() - began
    code = os.waitstatus_to_exitcode(status)
    print(f"{what}: {' '.join(words[:-1])}: exit status {code} after {took:.1f} s and {used.ru_maxrss >> 10} MiB: {said.strip()}")
    return code in (1, 4) and used.ru_maxrss < MEMORY_KIB and took < SECONDS


STATS = number(3, 1 << 40) + number(4, 1 << 30)
CASES = [
    ("windows without end", Server("endless", endless(512)), ["-j", "windows", []], ["windows", []],
     ["-n", "1", "watch", []], ["-j", "-n", "1", "watch", []]),
    ("windows one by one, each late", Server("late", endless(1), late), ["windows", []]),
    ("40000 windows at once", Server("windows", lambda call, count: windows(40000, 1, 0)), ["-j", "windows", []]),
    ("100000 objects", Server("objects", many(field(1, b""))), ["-j", "objects", []], ["objects", []]),
    ("100000 cells", Server("cells", lambda call, count: STATS if call == 16 else many(field(3, b""))(call, count)),
     ["-j", "map", []], ["map", []]),
    ("tags and rescues", Server("tags", many(field(17, b"") + field(22, b""))), ["-j", "guarantee", []]),
    ("a drill that never ends", Server("drill", lambda call, count: number(1, 1) if call == 25 else b""),
     ["-w", "1", "drill", []]),
    ("byte by byte", Server("slow", endless(512), slow), ["windows", []]),
    ("a flood", Server("flood", lambda call, count: b"", flood), ["stop", []]),
]

results = []


def try_one(what, server, words):
    results.append(run(what, server, *words))


threads = [threading.Thread(target=try_one, args=(what, server, words))
           for what, server, *commands in CASES for words in commands]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(0 if len(results) == len(threads) and all(results) else 1)
