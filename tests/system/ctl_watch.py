# SPDX-License-Identifier: MIT
"""Runs holdfastctl watch in a terminal of 80 by 20 and looks at what is on the screen."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ROWS, COLUMNS = 20, 80
PATIENCE = 60  # seconds


class Screen:
    """As much of a vt100 as ncurses uses here."""

    def __init__(self):
        self.lines = [[" "] * COLUMNS for _ in range(ROWS)]
        self.row = self.column = 0
        self.top, self.bottom = 0, ROWS - 1  # of the part that scrolls
        self.pending = ""

    def text(self):
        return ["".join(line).rstrip() for line in self.lines]

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.down()
        elif character == "\b":
            self.column = max(self.column - 1, 0)
        elif character == "\t":
            self.column = min(self.column // 8 * 8 + 8, COLUMNS - 1)
        elif character >= " ":
            self.lines[self.row][min(self.column, COLUMNS - 1)] = character
            self.column += 1

    def down(self):
        if self.row == self.bottom:
            del self.lines[self.top]
            self.lines.insert(self.bottom, [" "] * COLUMNS)
        else:
            self.row = min(self.row + 1, ROWS - 1)

    def up(self):
        if self.row == self.top:
            del self.lines[self.bottom]
            self.lines.insert(self.top, [" "] * COLUMNS)
        else:
            self.row = max(self.row - 1, 0)

    def erase_line(self, how):
        start, end = {0: (self.column, COLUMNS), 1: (0, self.column + 1), 2: (0, COLUMNS)}[how]
        self.lines[self.row][start:end] = " " * (end - start)

    def control(self, arguments, letter):
        numbers = [int(n) if n else 0 for n in arguments.split(";")]
        count = max(numbers[0], 1)
        if letter == "H":
            self.row = count - 1
            self.column = max(numbers[1], 1) - 1 if len(numbers) > 1 else 0
        elif letter == "J":
            for row in range(self.row + 1, ROWS):
                self.lines[row] = [" "] * COLUMNS
            self.erase_line(0)
        elif letter == "K":
            self.erase_line(numbers[0])
        elif letter == "A":
            self.row = max(self.row - count, 0)
        elif letter == "B":
            self.row = min(self.row + count, ROWS - 1)
        elif letter == "C":
            self.column = min(self.column + count, COLUMNS - 1)
        elif letter == "D":
            self.column = max(self.column - count, 0)
        elif letter == "r":
            self.top, self.bottom = numbers[0] - 1, numbers[1] - 1
            self.row = self.column = 0
        elif letter not in "hlm":
            sys.exit(f"the test's screen does not know ESC [ {arguments} {letter}")

    def feed(self, text):
        token = re.compile(r"\x1b\[[?]?([0-9;]*)([A-Za-z@])|\x1b([()].|[^\[()])|([^\x1b])", re.DOTALL)
        text, at = self.pending + text, 0
        while found := token.match(text, at):
            arguments, letter, escape, character = found.groups()
            at = found.end()
            if letter:
                self.control(arguments, letter)
            elif escape == "D":
                self.down()
            elif escape == "M":
                self.up()
            elif character:
                self.put(character)
        self.pending = text[at:]


def start(arguments, kind):
    """In a terminal that has its size by then; returns the terminal's mode before, too."""
    ready, go = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.read(ready, 1)
        os.environ["TERM"] = kind
        os.execv(arguments[0], arguments)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    before = termios.tcgetattr(terminal)
    os.write(go, b"1")
    return pid, terminal, before


def listen(terminal, screen, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                screen.feed(os.read(terminal, 65536).decode())
            except OSError:  # nobody is at its other end any more
                return


def shows(screen, terminal, *wanted):
    """Waits until all of these lines are like their patterns at once, on a busy machine, too."""
    wrong = wanted
    end = time.monotonic() + PATIENCE
    while wrong and time.monotonic() < end:
        listen(terminal, screen, 0.3)
        text = screen.text()
        wrong = [(line, pattern) for line, pattern in wanted if not re.search(pattern, text[line])]
    for line, pattern in wrong:
        sys.exit("\n".join(text) + f"\nline {line} is not like {pattern}")


def ends(pid, terminal, screen):
    """The status with which the process ends; what it still says is read meanwhile."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        listen(terminal, screen, 0.1)
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
    os.kill(pid, signal.SIGKILL)
    sys.exit("\n".join(screen.text()) + f"\nwatch has not ended after {PATIENCE} seconds")


def plain():
    """A terminal that cannot move its cursor gets blocks."""
    screen = Screen()
    pid, terminal, _ = start([sys.argv[1], "watch", "web", "--count", "1"], "dumb")
    status = ends(pid, terminal, screen)
    listen(terminal, screen, 0.3)
    if not any(re.search(r"^0x\w+ +16 MiB +Idle ", line) for line in screen.text()):
        sys.exit("\n".join(screen.text()) + "\nno block on a dumb terminal")
    if status != 0:
        sys.exit("watch failed on a dumb terminal")


def main():
    screen = Screen()
    pid, terminal, before = start([sys.argv[1], "watch", "web", "--interval", "0.3"], "vt100")
    shows(screen, terminal,
          (0, r"^web: running, up "),
          (1, r"44 of 4096 windows"),
          (2, r"^a second: [1-9][0-9.k]* calls, [1-9][0-9.k]* maps"),
          (5, r"^ADDRESS +LENGTH +TAG "),
          (6, r"^0x\w+ +64 KiB +Full "),
          (19, r"^windows 1 to 13 of 44"))

    os.write(terminal, b"\x1bOBj")
    shows(screen, terminal, (19, r"^windows 3 to 15 of 44"), (6, r" More "))
    os.write(terminal, b"  ")
    shows(screen, terminal, (19, r"^windows 29 to 41 of 44"))
    os.write(terminal, b"   ")
    shows(screen, terminal, (19, r"^windows 32 to 44 of 44"), (18, r" 16 MiB +Idle "))

    os.write(terminal, b"q")
    status = ends(pid, terminal, screen)
    if status != 0:
        sys.exit(f"watch ended with {status}")
    if termios.tcgetattr(terminal)[3] != before[3]:
        sys.exit("watch has left the terminal in another mode")


main()
plain()
