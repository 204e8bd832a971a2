# SPDX-License-Identifier: MIT
# Clients of the monitor that are mistaken, slow, many or malicious: each gets an error or is
# dropped, and the VM and the other clients go on.
#   qmp_hostile.py PROGRAM TALK-KERNEL RESETTING-KERNEL DIRECTORY
import json
import os
import random
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(__file__))
from monitor import PATIENCE, Client, Vmm, words_for

program, kernel, resetting, directory = sys.argv[1:]
vmm = Vmm(program, words_for(kernel), directory)
good = vmm.client()


def alive():
    assert vmm.runs(), vmm.said()
    assert good.ask("query-status")["return"]["status"] == "prelaunch"


def error_for(line, kind="GenericError"):
    """A client that says this gets an error, and is answered afterwards."""
    client = vmm.client()
    client.send(line + b"\r\n")
    reply = client.reply()
    assert reply["error"]["class"] == kind and reply["error"]["desc"], (line, reply)
    assert client.ask("query-name")["return"]["name"] == "vm"
    client.close()
    return reply


def malformed():
    for line in (b"}", b"nonsense", b'{"execute"}', b'"stop"', b'"{"', b"[]", b"1", b"truetrue", b"x [ ] \" } y",
                 b'{"execute":1}', b'{"execute":null}', b'{"arguments":{}}', b"{}", b'[{"execute":"cont"}]',
                 b'["\\"", "}"]', b"{]", b'{"execute":"query-name}', b'{"execute":"query-name\\', b'{\xff"}',
                 b'{"execute":"query-status","arguments":[]}', b'{"execute":"query-status","extra":1}',
                 b'{"execute":"query-status","execute":"stop"}', b'{"exec-oob":"stop","id":1}',
                 b'\xff\xfe', b'{"execute":"\xff"}', b'{"execute":"a\\u0000b"}', b"\x00", b'{"execute":"\\ud800"}',
                 b'{"id":' + b"9" * 400 + b"}",
                 b"[" * 1000, b"[" * 60000, b'{"a":' * 10000, b'{"execute":"x","id":' + b"[" * 40 + b"]" * 40 + b"}"):
        error_for(line)
        alive()
    error_for(b'{"execute":"no-such-command"}', "CommandNotFound")
    error_for(b'{"execute":"no\\nsuch\\u001b[31m"}', "CommandNotFound")
    error_for(b'{"execute":"' + b"x" * 60000 + b'"}', "CommandNotFound")
    for odd in (b"", b"x"):  # whichever byte it is cut after
        error_for(b'{"execute":"' + odd + "\u00e9".encode() * 300 + b'"}', "CommandNotFound")
    error_for(b'{"execute":"qmp_capabilities"}', "CommandNotFound")
    # Brackets in strings do not nest.
    client = vmm.client()
    client.send(b'{"execute":"query-status","id":"' + b"[{\\\\\\\"[{" * 100 + b'"}\r\n')
    assert client.reply()["return"]["status"] == "prelaunch"
    client.close()
    alive()


def unknown_commands_are_not_found():
    for command in ("query-of-the-future", "query-balloon", "query-migrate", "query-sev", "nothing-like-it"):
        assert good.ask(command)["error"]["class"] == "CommandNotFound", command
    assert "query-of-the-future" in vmm.said()


def each_refusal_has_its_reason():
    for command, reason in (("send-key", "keyboard"), ("human-monitor-command", "only QMP"), ("inject-nmi", "NMI"),
                            ("migrate", "saved, restored or migrated"), ("device_add", "devices and vCPUs"),
                            ("balloon", "balloon"), ("blockdev-add", "disks"), ("screendump", "display")):
        error = good.ask(command)["error"]
        assert error["class"] == "GenericError" and error["desc"].startswith("not possible with Holdfast: "), error
        assert reason in error["desc"], (command, error)


def a_stream():
    """Newlines mean nothing between requests and in them."""
    request = b'{"execute":"query-name","id":%d}'
    client = vmm.client()
    client.send(request % 1)
    assert client.reply()["id"] == 1
    client.send(b"".join(request % i for i in range(2, 200)))
    assert [client.reply()["id"] for _ in range(2, 200)] == list(range(2, 200))
    client.send(b'{\n"execute":\n\t"query-name",\r\n"id"\n:\n{"a":\n[1,\n2]}\n}')
    assert client.reply()["id"] == {"a": [1, 2]}
    client.send(b' \t\r\n' + request % 7 + b" ")
    assert client.reply()["id"] == 7
    client.send(json.dumps({"execute": "query-name", "id": 8}, indent=4).encode())
    assert client.reply()["id"] == 8
    # A mistake is answered once, and the next object afterwards, also on the same line.
    client.send(b"nonsense, and more" + request % 9 + b"}]" + request % 10)
    assert "error" in client.reply() and client.reply()["id"] == 9
    assert "error" in client.reply() and client.reply()["id"] == 10
    # What was begun and given up is broken off by a byte that no UTF-8 has.
    client.send(b'{"execute":"stop","arguments":{\xff' + request % 11)
    assert "broken off" in client.reply()["error"]["desc"] and client.reply()["id"] == 11
    client.send(b'{"execute":"st\xff\n' + request % 12)
    assert "broken off" in client.reply()["error"]["desc"] and client.reply()["id"] == 12
    # Objects in what nests too deep are no requests.
    client.send(b"[" * 40 + b'{"execute":"quit"}' + b"]" * 40 + request % 13)
    assert "too deep" in client.reply()["error"]["desc"] and client.reply()["id"] == 13
    client.close()
    alive()


def ids():
    for value in (1, "x", None, [1, {"a": "b"}], {"deep": [True]}, 1.5, 2**60, ""):
        good.send(json.dumps({"execute": "query-name", "id": value}).encode() + b"\n")
        assert good.reply()["id"] == value
    good.send(b'{"execute":"query-name"}\n')
    assert "id" not in good.reply()
    good.send(b'\r\n\n  \r\n{"execute":"query-name","id":7}\n')
    assert good.reply()["id"] == 7


def before_negotiation():
    client = vmm.client(negotiate=False)
    client.send(b'{"execute":"cont"}\n')
    assert client.reply()["error"]["class"] == "CommandNotFound"
    alive()  # it has not begun to run
    client.close()


def parts_and_many_at_once():
    client = vmm.client()
    for byte in b'{"execute":"query-name","id":"slowly"}\r\n':
        client.send(bytes([byte]))
    assert client.reply()["id"] == "slowly"
    client.send(b"".join(b'{"execute":"query-name","id":%d}\n' % i for i in range(500)))
    assert [client.reply()["id"] for _ in range(500)] == list(range(500))
    client.close()


def oversized():
    client = vmm.client()
    try:
        client.send(b'{"execute":"' + b"x" * 300000)
        assert client.reply()["error"]["class"] == "GenericError"
    except ConnectionError:
        pass  # it was dropped while it was still talking
    assert client.ended()
    alive()


def blank_lines():
    """As many as are taken at once."""
    client = vmm.client()
    client.send(b"\n" * (64 << 10) + b'{"execute":"query-name","id":1}\n')
    assert client.reply()["id"] == 1
    client.close()
    alive()


def dies_in_the_middle():
    for sent in (b"", b'{"execute":', b'{"execute":"query-cpus-fast"}\r\n' * 200):
        for _ in range(20):
            client = vmm.client()
            client.send(sent)
            client.close()
    alive()


def does_not_read():
    """Takes no answer: it is not read from any more, and nobody else has to wait."""
    client = vmm.client()
    client.socket.settimeout(2)
    try:
        for _ in range(100000):
            client.send(b'{"execute":"query-cpus-fast"}\r\n' * 50)
        raise AssertionError("whatever it asks is taken, with nobody reading the answers")
    except (TimeoutError, socket.timeout):
        pass
    alive()
    memory = [line for line in open(f"/proc/{vmm.process.pid}/status") if line.startswith("VmRSS")]
    assert int(memory[0].split()[1]) < 2 << 20, memory
    client.close()


def many():
    """The ninth and later clients wait; those that are served are, and nobody is forgotten."""
    clients = [vmm.client() for _ in range(7)]
    waiting = socket.socket(socket.AF_UNIX)
    waiting.connect(vmm.path)
    alive()
    for client in clients:
        client.close()
    waiting.settimeout(PATIENCE)
    assert b"Holdfast" in waiting.recv(4096)
    waiting.close()
    alive()


def chance():
    """Lines that are nearly right."""
    dice = random.Random(1)
    lines = [b'{"execute":"query-status","id":"a"}', b'{"execute":"set-action","arguments":{"panic":"pause"}}',
             b'{"execute":"qom-get","arguments":{"path":"/machine","property":"migratable"}}',
             b'{"execute":"migrate-set-capabilities","arguments":{"capabilities":[{"capability":"events","state":true}]}}']
    client = vmm.client()
    for last in range(60):
        for _ in range(50):
            line = bytearray(dice.choice(lines))
            for _ in range(dice.randrange(1, 5)):
                line[dice.randrange(len(line))] = dice.choice(b'{}[]",:\\0az\xff \x00')
            client.send(bytes(line) + b"\n")
        client.send(b'\xff\n{"execute":"query-name","id":%d}\n' % last)
        while client.reply().get("id") != last:
            pass
    client.close()
    alive()


def dumps():
    """A descriptor is needed, and whoever does not read the core file holds nobody up."""
    dump = {"paging": False, "protocol": "fd:core", "detach": True}
    assert "error" in good.ask("dump-guest-memory", **dump)
    assert "No file descriptor" in good.ask("getfd", fdname="core")["error"]["desc"]
    client = vmm.client()
    reading, writing = os.pipe()
    request = b'{"execute":"getfd","arguments":{"fdname":"core"}}'
    for fds in ([writing], [writing, writing], [writing]):  # of several, the first counts
        socket.send_fds(client.socket, [request], fds)
        assert client.reply() == {"return": {}}
    os.close(writing)
    for wrong in ({"protocol": "fd:other"}, {"protocol": "file:/x"}, {"paging": True}, {"detach": False},
                  {"format": "kdump-zlib"}, {"begin": 0, "length": 1}):
        assert "error" in client.ask("dump-guest-memory", **{**dump, **wrong}), wrong
    assert client.ask("dump-guest-memory", **dump) == {"return": {}}
    assert client.ask("query-dump")["return"]["status"] == "active"
    assert "dump in process" in good.ask("cont")["error"]["desc"]
    assert "dump in process" in good.ask("dump-guest-memory", **dump)["error"]["desc"]
    alive()
    assert os.read(reading, 4)[:4] == b"\x7fELF"
    os.close(reading)  # it goes away in the middle
    assert "Broken pipe" in client.event("DUMP_COMPLETED")["data"]["error"]
    assert client.ask("query-dump")["return"]["status"] == "failed"
    client.close()
    alive()


def two_clients_hear_the_same():
    other = vmm.client()
    assert good.ask("cont") == {"return": {}}
    assert good.event("RESUME") and other.event("RESUME")
    assert other.ask("stop") == {"return": {}}
    assert good.event("STOP") and other.event("STOP")
    assert good.ask("query-status")["return"]["status"] == "paused"
    for command in ("migrate", "device_add", "human-monitor-command"):
        assert "not possible with Holdfast" in other.ask(command)["error"]["desc"]
    assert "error" in other.ask("set-action", reboot="never")
    assert other.ask("system_reset") == {"return": {}}
    assert good.event("RESET")["data"] == {"guest": False, "reason": "host-qmp-system-reset"}
    # A power button that no driver answers switches off; then only a reset helps.
    assert good.ask("system_powerdown") == {"return": {}}
    assert other.event("POWERDOWN") and other.event("SHUTDOWN")
    assert good.ask("query-status")["return"]["status"] == "shutdown"
    assert good.ask("cont")["error"]["desc"] == "Resetting the Virtual Machine is required"
    assert good.ask("system_reset") == {"return": {}}
    assert good.ask("cont") == {"return": {}}
    assert good.ask("query-status")["return"]["status"] == "running"
    other.close()


def a_guest_that_resets_in_a_loop():
    """Its events neither end a client that does not read, nor hold up one that does."""
    looping = Vmm(program, words_for(resetting, "loop"), directory)
    asleep, awake = looping.client(), looping.client()
    assert awake.ask("cont") == {"return": {}}
    for _ in range(200):
        assert awake.event("RESET")["data"]["guest"] is True
    assert awake.ask("stop") == {"return": {}}
    assert asleep.event("STOP")
    assert looping.end() == 0, looping.said()


def stopped_and_resumed_at_once():
    """By the monitor and at the control socket: each is answered, whichever comes first."""
    control = os.path.join(directory, "torn.sock")
    torn = Vmm(program, words_for(kernel, "torn") + ["--control", control], directory)
    client = torn.client()
    resuming = socket.socket(socket.AF_UNIX)
    resuming.connect(control)
    resuming.settimeout(PATIENCE)
    done = threading.Event()

    def resume():
        while not done.is_set():
            resuming.sendall(struct.pack(">I", 3) + b"\x9a\x01\x00")
            assert resuming.recv(4096)

    thread = threading.Thread(target=resume)
    thread.start()
    try:
        for _ in range(2000):
            assert client.ask("stop") == {"return": {}}
    except BaseException:
        torn.process.kill()
        raise
    finally:
        done.set()
        thread.join()
    # Who hears the events knows the state.
    last = "RESUME" if client.ask("query-status")["return"]["running"] else "STOP"
    assert client.events[-1]["event"] == last, client.events[-5:]
    assert torn.end() == 0, torn.said()


for test in (malformed, unknown_commands_are_not_found, each_refusal_has_its_reason, a_stream, ids, before_negotiation, parts_and_many_at_once, oversized,
             blank_lines, stopped_and_resumed_at_once, dies_in_the_middle, does_not_read, many, chance, dumps, two_clients_hear_the_same,
             a_guest_that_resets_in_a_loop):
    try:
        test()
    except BaseException:
        print(f"in {test.__name__}; the VMM said:\n{vmm.said()[-2000:]}")
        vmm.process.kill()
        raise
good.send(b'{"execute":"quit","id":"last"}\n')
assert good.reply()["return"] == {}
assert good.event("SHUTDOWN")["data"]["reason"] == "host-qmp-quit"
assert vmm.process.wait(PATIENCE) == 0, vmm.said()
