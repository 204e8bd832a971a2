# SPDX-License-Identifier: MIT
"""From the lines of the measuring programs to the numbers that are reported."""
from statistics import median

AIM = 1.25  # MAP and UNMAP, times an exit and the mmap calls it needs

# A call of Holdfast, what it is compared to beside the exit, and the aim for the ratio.
CALLS = (("map", "mmap", AIM), ("unmap", "none", AIM), ("remap", "replace", None))
SHAPES = ("contiguous", "scattered")
WINDOW_CALLS = ("reserve", "map", "unmap", "release")


def read(outputs):
    """{(work, shape, count): median over all outputs}, in ticks."""
    samples = {}
    for output in outputs:
        for line in output.splitlines():
            work, shape, count, value = line.split()
            samples.setdefault((work, shape, int(count)), []).append(int(value))
    return {key: median(values) for key, values in samples.items()}


class Results:
    def __init__(self, raw_outputs, holdfast_outputs):
        raw, holdfast = read(raw_outputs), read(holdfast_outputs)
        self.ticks_a_us = raw.pop(("tsc", "khz", 1)) / 1000
        self.raw = {key: ticks / self.ticks_a_us for key, ticks in raw.items()}
        self.holdfast = {key: ticks / self.ticks_a_us for key, ticks in holdfast.items()}
        self.start = {}
        self.memory = {}
        self.storms = []
        self.operators = []
        self.loads = []

    def add_storms(self, output):
        """Lines such as "full p50 900 p99 1200 p99.9 1500 max 9000", in ticks."""
        for line in output.splitlines():
            memory, *words = line.split()
            us = {name: int(ticks) / self.ticks_a_us
                  for name, ticks in zip(words[::2], words[1::2])}
            self.storms.append({"memory": memory, "us": us})

    def add_operators(self, extents, lines):
        """Lines as those of storms, one of each kind in each turn."""
        turns = {}
        for line in lines:
            beside, *words = line.split()
            for name, ticks in zip(words[::2], words[1::2]):
                turns.setdefault(beside, {}).setdefault(name, []).append(int(ticks))
        self.operators = [
            {"beside": beside, "extents": extents,
             "us": {name: (max if name == "max" else median)(values) / self.ticks_a_us
                    for name, values in by_name.items()}}
            for beside, by_name in turns.items()]

    def primitives(self):
        return [{"work": work, "shape": shape, "pages": pages, "us": us}
                for (work, shape, pages), us in self.raw.items()]

    def calls(self):
        exit_us = self.raw["exit", "-", 1]
        rows = [{"work": "exit", "shape": "-", "pages": 0, "raw_us": exit_us,
                 "holdfast_us": self.holdfast["exit", "-", 1], "aim": None}]
        for call, primitive, aim in CALLS:
            for shape in SHAPES:
                rows += [{"work": call, "shape": shape, "pages": pages,
                          "raw_us": exit_us + self.raw[primitive, shape, pages],
                          "holdfast_us": us, "aim": aim}
                         for (work, of, pages), us in self.holdfast.items()
                         if (work, of) == (call, shape)]
        return [dict(row, ratio=row["holdfast_us"] / row["raw_us"]) for row in rows]

    def instead(self):
        """MAP and UNMAP against what else makes pages appear to a guest and go again."""
        rows = []
        for (work, shape, pages), us in self.raw.items():
            if work not in ("slot", "memcpy"):
                continue
            # A guest has to ask for a slot, and for its end; it can copy by itself.
            raw_us = us + (2 * self.raw["exit", "-", 1] if work == "slot" else 0)
            window = sum(self.holdfast[call, shape, pages] for call in ("map", "unmap"))
            rows.append({"work": work, "pages": pages, "raw_us": raw_us, "holdfast_us": window,
                         "ratio": window / raw_us})
        return rows

    def windows(self):
        rows = []
        for call in WINDOW_CALLS:
            us = {count: ticks for (work, shape, count), ticks in self.holdfast.items()
                  if (work, shape) == (call, "windows")}
            rows.append({"work": call, "us_by_windows": us, "ratio": us[max(us)] / us[min(us)]})
        return rows

    def as_dict(self):
        return {"primitives": self.primitives(), "calls": self.calls(),
                "instead_of_windows": self.instead(), "windows": self.windows(),
                "storms": self.storms, "beside_operators": self.operators,
                "loads": self.loads, "start": self.start, "memory_kib": self.memory}
