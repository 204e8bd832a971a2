# SPDX-License-Identifier: MIT
"""Is HTTP clients that mean ill to holdfast-exporter: slow, huge, many, half closed. After each of them a good client
gets its answer, and the exporter's memory stays within bounds.

usage: exporter_clients.py URL PID"""

import http.client
import socket
import sys
import time
import urllib.parse

ADDRESS = urllib.parse.urlsplit(sys.argv[1])
PID = int(sys.argv[2])
MEMORY_KIB = 200 << 10
SECONDS = 40  # for what takes 5 s or 20 s


def connect():
    return socket.create_connection((ADDRESS.hostname, ADDRESS.port), timeout=SECONDS)


def ask(method, path, **more):
    connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port, timeout=SECONDS)
    connection.request(method, path, **more)
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, body, reply.headers


def check_good(after):
    """A good client gets its answer, in SECONDS, whatever the others do."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            status, body, _ = ask("GET", "/metrics")
            assert status == 200 and b"holdfast_up" in body, f"after {after}: {status}"
            break
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < end, f"after {after}: a good client gets no answer"
            time.sleep(0.2)
    with open(f"/proc/{PID}/status", encoding="ascii") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
    assert resident < MEMORY_KIB, f"after {after}: {resident} KiB"


def until_closed(client, feed=b""):
    """All that comes until the other side ends the connection, which it must; meanwhile it is fed."""
    client.settimeout(0.2)
    end, got = time.monotonic() + SECONDS, b""
    while time.monotonic() < end:
        try:
            if feed:
                client.sendall(feed)
            piece = client.recv(65536)
            if not piece:
                return got
            got += piece
        except socket.timeout:
            continue
        except OSError:
            return got
    raise AssertionError("the connection is not ended")


def status_of(text):
    return int(text.split(b" ", 2)[1]) if text.startswith(b"HTTP/") else None


def methods_and_paths():
    assert ask("GET", "/")[0] == 200
    assert ask("HEAD", "/metrics")[:2] == (200, b"")
    assert ask("HEAD", "/")[:2] == (200, b"")
    for path in ("/metrics/", "/metrics/..", "/../etc/passwd", "/%2e%2e/etc/passwd", "//metrics", "/x" * 1000):
        assert ask("GET", path)[0] == 404, path
    assert ask("GET", "/metrics?vm=x")[0] == 200
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "METRICS"):
        assert ask(method, "/metrics")[0] == 405, method
    assert ask("GET", "/metrics")[2]["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    accepted = {"Accept": "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5"}
    status, body, headers = ask("GET", "/metrics", headers=accepted)
    assert status == 200 and body.endswith(b"# EOF\n")
    assert headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert headers["Connection"] == "close"


def bodies():
    with connect() as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 100000)
        assert status_of(until_closed(client)) != 200
    with connect() as client:
        client.sendall(b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n" + b"x" * 100000)
        assert status_of(until_closed(client)) != 200


def huge_requests():
    for text in (b"GET /" + b"x" * 1000000 + b" HTTP/1.1\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + b"A: " + b"x" * 1000000 + b"\r\n\r\n",
                 b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + b"A: x\r\n" * 100000 + b"\r\n",
                 b"\0" * 100000, b"\r\n" * 100000, b"\x16\x03\x01" + b"\xff" * 1000):
        with connect() as client:
            try:
                client.sendall(text)
            except OSError:
                pass
            assert status_of(until_closed(client)) != 200, text[:20]


def slow_requests():
    """Neither a client that says nothing nor one that says a little all the time stays."""
    with connect() as client:
        until_closed(client)
    with connect() as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: ")
        assert status_of(until_closed(client, b"y")) != 200


def slow_reader():
    """Who does not read the answer does not stay, and holds up nobody."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.connect((ADDRESS.hostname, ADDRESS.port))
    client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(1)
    check_good("a client that does not read, while it is there")
    client.close()


def half_closed():
    with connect() as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        assert status_of(until_closed(client)) in (200, None)
    with connect() as client:
        client.sendall(b"GET /met")
        client.shutdown(socket.SHUT_WR)
        assert status_of(until_closed(client)) != 200
    with connect() as client:  # gone before the answer
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")


def pipelined():
    """One request a connection, however many were sent."""
    with connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        assert until_closed(client).count(b"HTTP/1.1 200") == 1


def many():
    """More than there may be at once; none is let go by us."""
    clients = [connect() for _ in range(300)]
    for client in clients[:150]:
        try:
            client.sendall(b"GET /metrics HTTP/1.1\r\n")
        except OSError:
            pass
    check_good("300 clients that stay")
    for client in clients:
        client.close()


def main():
    check_good("the start")
    for test in (methods_and_paths, bodies, huge_requests, half_closed, pipelined, slow_reader, slow_requests, many):
        test()
        check_good(test.__name__)
        print(f"{test.__name__}: as it should be", flush=True)


main()
