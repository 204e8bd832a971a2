# SPDX-License-Identifier: MIT
"""What a guest that does one thing without pause costs others than its own vCPU."""
import subprocess
import threading
import time
from pathlib import Path
from statistics import median

LOADS = ("nothing", "calls", "faults", "serial")
QUESTIONS = 20
PAUSE = 0.2  # seconds between two


def thread_seconds(pid):
    """{thread's name: seconds of processor time}; threads of one name together. Ticks would miss
    those that run for less than one."""
    seconds = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text(encoding="utf-8").strip()
        ran = int((task / "schedstat").read_text(encoding="ascii").split()[0])
        seconds[name] = seconds.get(name, 0) + ran / 1e9
    return seconds


class Counter(threading.Thread):
    """Reads a pipe to its end, so that nobody waits for it, and counts its lines."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe, self.lines = pipe, 0
        self.start()

    def run(self):
        for _ in self.pipe:
            self.lines += 1


def measure(vmm, ask, environment):
    """vmm(load) and ask are commands. A row for each load."""
    rows = []
    for load in LOADS:
        with subprocess.Popen(vmm(load), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment) as process:
            try:
                log = Counter(process.stderr)
                if process.stdout.readline() != b"ready\n":
                    raise RuntimeError(f"the guest of the load {load} did not start")
                Counter(process.stdout)
                rows.append(dict(measure_one(process.pid, ask, environment, log), load=load))
            finally:
                process.terminate()
    return rows


def measure_one(pid, ask, environment, log):
    before, begin, lines = thread_seconds(pid), time.monotonic(), log.lines
    answers = []
    for _ in range(QUESTIONS):
        time.sleep(PAUSE)
        asked = time.monotonic()
        subprocess.run(ask, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=60)
        answers.append((time.monotonic() - asked) * 1000)
    took = time.monotonic() - begin
    spent = {name: seconds - before.get(name, 0) for name, seconds in thread_seconds(pid).items()}
    vcpus = sum(seconds for name, seconds in spent.items() if name.startswith("vcpu"))
    return {"answer_ms": median(answers), "slowest_answer_ms": max(answers),
            "vcpu_share": vcpus / took, "others_share": (sum(spent.values()) - vcpus) / took,
            "log_lines_a_second": (log.lines - lines) / took}
