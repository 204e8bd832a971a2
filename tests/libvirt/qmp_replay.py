# SPDX-License-Identifier: MIT
# Sends what a libvirt has sent, command by command, to holdfast-vmm, and compares the form of each
# answer with that of the answer which that libvirt went on with.
#   qmp_replay.py PROGRAM KERNEL DIRECTORY RECORD
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from monitor import PATIENCE, Client, Vmm

program, kernel, directory, record = sys.argv[1:]
# Commands for which an answer of another form is right: the emulator of the record did not know it.
UNKNOWN_THERE = {"query-tpm-models"}


def sessions():
    """Each command line with the commands that were sent, and the answers."""
    session = None
    for line in open(record):
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "ARGV":
            if session:
                yield session
            session = (json.loads(rest)[1:], [])
        elif word == "RECV":
            session[1].append([json.loads(rest), None])
        elif word == "REPLY":
            session[1][-1][1] = json.loads(rest)
    yield session


def same_form(wanted, given, where):
    """Whatever the wanted has, the given has too, of the same type."""
    assert type(wanted) is type(given), f"{where}: {type(given).__name__}, not {type(wanted).__name__}"
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            assert key in given, f"{where}: lacks {key}"
            same_form(value, given[key], f"{where}.{key}")
    elif isinstance(wanted, list) and wanted:
        assert given, f"{where}: is empty"
        for element in given:
            same_form(wanted[0], element, f"{where}[]")


def replay(client, exchange):
    for request, recorded in exchange:
        client.send(json.dumps(request).encode() + b"\r\n")
        reply = client.reply()
        name = request["execute"]
        assert reply["id"] == request["id"], f"{name}: another id: {reply}"
        if name in UNKNOWN_THERE:
            recorded = {"return": [], "id": ""}
        assert set(reply) == set(recorded), f"{name}: {reply}"
        same_form(recorded["return"], reply["return"], name)


def probe(words, exchange):
    path = pidfile = None
    for i, word in enumerate(words):
        if word.startswith("unix:"):
            path = os.path.join(directory, "probe")
            words[i] = f"unix:{path},server=on,wait=off"
        if words[i - 1] == "-pidfile":
            words[i] = pidfile = os.path.join(directory, "pid")
    # Its end is the sign that socket and PID file are there, and nothing holds standard error open.
    done = subprocess.run([program] + words, capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, b""), done
    pid = int(open(pidfile).read())
    client = Client(path, negotiate=False)
    assert client.greeting["QMP"]["version"]["package"].startswith("Holdfast")
    replay(client, exchange)
    again = Client(path)
    machine = again.ask("query-machines")["return"][0]
    assert (machine["name"], machine["alias"]) == ("isapc", "holdfast"), machine
    os.kill(pid, signal.SIGTERM)
    assert client.event("SHUTDOWN")["data"] == {"guest": False, "reason": "host-signal"}
    end = time.monotonic() + PATIENCE
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.path.exists(pidfile) and not os.path.exists(path), "it leaves files"


def start(words, exchange):
    log = open(os.path.join(directory, "serial.log"), "wb")
    initrd = os.path.join(directory, "initrd")
    open(initrd, "wb").write(b"initrd")
    objects = os.path.join(directory, "a b")
    open(objects, "wb").write(b"x" * 4096)
    for i, word in enumerate(words):
        if word.startswith("socket,"):
            words[i] = "socket,id=charmonitor,fd=FD,server=on,wait=off"
        if word.startswith("set="):
            words[i] = f"set=0,fd={log.fileno()},opaque=serial0-log"
        words[i] = words[i].replace("/srv/k.elf", kernel).replace("/srv/i.img", initrd)
        words[i] = words[i].replace("/srv/a b", objects)
    vmm = Vmm(program, words, directory)
    try:
        client = vmm.client(negotiate=False)
        replay(client, exchange)
        # The answer to cont came after its event.
        assert [event["event"] for event in client.events] == ["RESUME"], client.events
        cpus = client.ask("query-cpus-fast")["return"]
        threads = set(os.listdir(f"/proc/{vmm.process.pid}/task"))
        assert len(cpus) == 4 and {str(cpu["thread-id"]) for cpu in cpus} <= threads
        pty = [c["filename"] for c in client.ask("query-chardev")["return"] if c["label"] == "charserial0"]
        assert pty[0].startswith("pty:/dev/pts/"), pty
        end = time.monotonic() + PATIENCE
        while b"I listen" not in open(log.name, "rb").read():
            assert time.monotonic() < end, "the serial port's log has nothing"
            time.sleep(0.05)
        assert vmm.end() == 0, vmm.said()
        assert client.event("SHUTDOWN")["data"]["guest"] is False
    except Exception:
        print(vmm.said())
        vmm.process.kill()
        raise


(probe_words, probe_exchange), (start_words, start_exchange) = sessions()
assert len(probe_exchange) > 20 and len(start_exchange) > 8
probe(probe_words, probe_exchange)
start(start_words, start_exchange)
