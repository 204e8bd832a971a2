# SPDX-License-Identifier: MIT
# Runs a command, virsh console, on a terminal of its own; types a line into it; ends with 0 once the
# output matches a pattern, with 1 if that takes longer than a minute.
#   console.py PATTERN TEXT COMMAND ...
import os
import pty
import re
import select
import sys
import time

pattern, text, command = re.compile(sys.argv[1].encode()), sys.argv[2], sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
seen = b""
typed = float("-inf")
end = time.monotonic() + 60
while not pattern.search(seen) and time.monotonic() < end:
    if select.select([terminal], [], [], 0.2)[0]:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    # virsh drops what comes between its greeting and its terminal being raw: then once more.
    if b"Escape character" in seen and time.monotonic() - typed > 3:
        os.write(terminal, text.encode() + b"\r")
        typed = time.monotonic()
os.write(terminal, b"\x1d")
found = pattern.search(seen) is not None
if not found:
    sys.stdout.buffer.write(seen)
os.close(terminal)
os.waitpid(child, 0)
sys.exit(0 if found else 1)
