# SPDX-License-Identifier: MIT
# A holdfast-vmm that was started as libvirt starts it, and clients of its monitor.
import json
import os
import socket
import subprocess
import tempfile

PATIENCE = 60


class Client:
    """One connection to a monitor."""

    def __init__(self, path, negotiate=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.buffer = b""
        self.events = []
        self.last_id = 0
        self.greeting = self.message()
        if negotiate:
            assert self.ask("qmp_capabilities") == {"return": {}}

    def line(self):
        while b"\n" not in self.buffer:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError("the monitor has closed the connection")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\n", 1)
        assert line.endswith(b"\r"), line
        return line

    def message(self):
        return json.loads(self.line())

    def send(self, data):
        self.socket.sendall(data)

    def reply(self):
        """The next message that is no event; the events before it are kept."""
        while True:
            message = self.message()
            if "event" not in message:
                return message
            self.events.append(message)

    def ask(self, command, **arguments):
        """The reply to a command, without its id."""
        self.last_id += 1
        name = f"test-{self.last_id}"
        request = {"execute": command, "id": name}
        if arguments:
            request["arguments"] = arguments
        self.send(json.dumps(request).encode() + b"\r\n")
        reply = self.reply()
        assert reply.pop("id") == name, reply
        return reply

    def event(self, name):
        """Waits for an event of this name; others before it are dropped."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name:
                    return event
            message = self.message()
            assert "event" in message, message
            self.events.append(message)

    def ended(self):
        """Whether the monitor closes the connection; drops what comes before."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def close(self):
        self.socket.close()


class Vmm:
    """A process with a monitor that it got as a descriptor."""

    def __init__(self, program, words, directory):
        """words: its command line; FD stands for the monitor's descriptor."""
        self.path = tempfile.mktemp(prefix="m", dir=directory)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(8)
        words = [word.replace("FD", str(listener.fileno())) for word in words]
        handed = [listener.fileno()]
        handed += [int(w.split("fd=")[1].split(",")[0]) for w in words if w.startswith("set=")]
        self.log = open(os.path.join(directory, "log"), "a+b")
        self.process = subprocess.Popen([program] + words, pass_fds=handed, stderr=self.log,
                                        stdin=subprocess.DEVNULL, stdout=self.log)
        listener.close()

    def client(self, **how):
        return Client(self.path, **how)

    def runs(self):
        return self.process.poll() is None

    def end(self):
        """Its exit status after SIGTERM."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


def words_for(kernel, name="vm", more=()):
    """What libvirt writes, shortened."""
    return ["-name", f"guest={name},debug-threads=on", "-S", "-machine", "isapc,usb=off",
            "-accel", "kvm", "-cpu", "host", "-m", "64", "-smp", "2,sockets=2,cores=1,threads=1",
            "-display", "none", "-no-user-config", "-nodefaults",
            "-chardev", "socket,id=charmonitor,fd=FD,server=on,wait=off",
            "-mon", "chardev=charmonitor,id=monitor,mode=control", "-no-shutdown",
            "-kernel", kernel, *more, "-msg", "timestamp=on"]
