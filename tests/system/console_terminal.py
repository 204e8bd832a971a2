# SPDX-License-Identifier: MIT
"""Runs holdfast-vmm on a terminal of its own: console_terminal.py VMM ECHO_GUEST IDLE_GUEST WORK.
The guest has the terminal while it waits for input, and each way to end the VM gives it back."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

vmm, echo, idle, work = sys.argv[1:]
LFLAG = 3


def wait_until(what, condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    sys.exit(f"not so within 30 seconds: {what}")


class Run:
    def __init__(self, guest, *options):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.text = b""
        self.log = open(f"{work}/terminal.log", "wb")
        self.vmm = subprocess.Popen(
            [vmm, "--name", "terminal", "--kernel", guest, *options],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.log,
            preexec_fn=self.own_terminal,
        )

    @staticmethod
    def own_terminal():
        # As a shell at a terminal has them; tests that run in the background have them ignored.
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.close(os.open(os.ttyname(0), os.O_RDWR))  # the controlling one

    def state(self):
        return termios.tcgetattr(self.slave)

    def is_raw(self):
        return self.state()[LFLAG] & (termios.ICANON | termios.ECHO | termios.ISIG) == 0

    def says(self, wanted):
        for _ in range(600):
            if wanted in self.text:
                self.text = self.text[self.text.index(wanted) + len(wanted) :]
                return
            if select.select([self.master], [], [], 0.05)[0]:
                self.text += os.read(self.master, 4096)
        sys.exit(f"{wanted} does not come: {self.text}")

    def types(self, keys):
        os.write(self.master, keys)

    def ready(self):
        self.says(b"asleep")
        wait_until("the terminal is raw", self.is_raw)
        return self

    def ends(self, status, how):
        found = self.vmm.wait(60)
        log = open(f"{work}/terminal.log").read()
        if found != status:
            sys.exit(f"{how}: status {found}, wanted {status}: {log}")
        if self.state() != self.before:
            sys.exit(f"{how}: the terminal is not as it was: {self.state()}, {self.before}")
        os.close(self.master)
        os.close(self.slave)
        self.log.close()
        return log


# Every key is the guest's, and the guest's alone to echo.
run = Run(echo).ready()
assert run.state()[1] == run.before[1], "output is processed in another way than before"
run.types(b"abc")
run.says(b"ABC")
run.types(b"\x03d")
run.says(b"D")
run.types(b"\x04\x04\x1a\x1ce\x04f")
run.says(b"E")
run.says(b"F")
run.types(b".")
assert "^]" in run.ends(6, "the guest ends"), "the log does not tell the escape"

run = Run(echo).ready()
run.types(b"\x1d")
run.ends(0, "^]")

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    run = Run(echo).ready()
    run.vmm.send_signal(number)
    run.ends(0, number.name)
for number in (signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV, signal.SIGALRM, signal.SIGSYS):
    run = Run(echo).ready()
    run.vmm.send_signal(number)
    run.ends(-number, number.name)

# Stopped and continued, as a shell does it.
run = Run(echo).ready()
run.vmm.send_signal(signal.SIGTSTP)
os.waitpid(run.vmm.pid, os.WUNTRACED)
assert run.state() == run.before, "SIGTSTP: the terminal is not as it was"
run.vmm.send_signal(signal.SIGCONT)
wait_until("the terminal is raw again", run.is_raw)
run.types(b"xy")
run.says(b"XY")
run.types(b"\x1d")
run.ends(0, "^] after SIGCONT")

# A guest that waits for no input leaves the terminal alone: ^C ends the VM.
run = Run(idle)
wait_until("it runs", lambda: "runs;" in open(f"{work}/terminal.log").read())
assert run.state() == run.before, "the terminal is another without need"
run.types(b"\x03")
run.ends(0, "^C")
