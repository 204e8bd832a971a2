# SPDX-License-Identifier: MIT
"""openmetrics.py FILE: reads OpenMetrics text, version 1.0.0, as strictly as its grammar is, and refuses what
Prometheus' own reader forgives. Prints JSON: of each metric its type, unit and help, and all samples.
Where python3-prometheus-client is installed, its reader must agree on every sample.

--format prometheus: the older text format instead, where only what both have in common is checked."""

import json
import math
import re
import sys

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|Inf)|NaN")
SUFFIXES = {
    "counter": ["_total"],
    "gauge": [""],
    "info": ["_info"],
    "histogram": ["_bucket", "_count", "_sum"],
}


class Wrong(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Wrong(what)


def unescape(text, escapes):
    """The text without its escapes, all of which must be known."""
    parts, at = [], 0
    while at < len(text):
        if text[at] != "\\":
            parts.append(text[at])
            at += 1
            continue
        check(at + 1 < len(text) and text[at + 1] in escapes, f"a backslash that escapes nothing: {text!r}")
        parts.append("\n" if text[at + 1] == "n" else text[at + 1])
        at += 2
    return "".join(parts)


def read_labels(text):
    """What stands between the braces."""
    labels, at = {}, 0
    while at < len(text):
        name = LABEL.match(text, at)
        check(name and text[name.end():name.end() + 2] == '="', f"not a label: {text[at:]!r}")
        check(not name[0].startswith("__"), f"a label of Prometheus' own: {name[0]}")
        check(name[0] not in labels, f"label {name[0]} twice")
        start = end = name.end() + 2
        while end < len(text) and text[end] != '"':
            end += 2 if text[end] == "\\" else 1
        check(end < len(text), f"a value without an end: {text[at:]!r}")
        labels[name[0]] = unescape(text[start:end], '\\"n')
        at = end + 1
        check(at == len(text) or text[at] == ",", f"labels without a comma: {text!r}")
        at += 1
        check(at != len(text), f"a comma behind the last label: {text!r}")
    return labels


def split_sample(line):
    """Name, labels and value of a line."""
    name = NAME.match(line)
    check(name, f"no name: {line!r}")
    at, labels = name.end(), {}
    if line[at:at + 1] == "{":
        end = at + 1
        while end < len(line) and line[end] != "}":
            if line[end] == '"':
                end += 1
                while end < len(line) and line[end] != '"':
                    end += 2 if line[end] == "\\" else 1
            end += 1
        check(end < len(line), f"labels without an end: {line!r}")
        labels = read_labels(line[at + 1:end])
        check(labels, f"empty braces: {line!r}")
        at = end + 1
    check(line[at:at + 1] == " ", f"no space before the value: {line!r}")
    check(NUMBER.fullmatch(line[at + 1:]), f"not a number, or more than one: {line!r}")
    return name[0], labels, line[at + 1:]


def family_of(name, families, current, older):
    """The family whose sample this is: the one that is open."""
    check(current is not None, f"sample {name} before any family")
    kind = families[current]["type"]
    suffixes = [""] if older and kind != "histogram" else SUFFIXES[kind]
    check(any(name == current + suffix for suffix in suffixes), f"{name} stands among the samples of {current}")
    return current


def check_histogram(name, samples):
    """Buckets rise to +Inf, which is the count."""
    series = {}
    for sample in samples:
        labels = {key: value for key, value in sample["labels"].items() if key != "le"}
        part = series.setdefault(json.dumps(labels, sort_keys=True), {"buckets": []})
        if sample["name"] == name + "_bucket":
            check("le" in sample["labels"], f"{name}: a bucket without le")
            part["buckets"].append((sample["labels"]["le"], float(sample["value"])))
        else:
            check(sample["name"] not in part, f"{sample['name']} twice")
            part[sample["name"]] = float(sample["value"])
    for labels, part in series.items():
        bounds = [math.inf if le == "+Inf" else float(le) for le, _ in part["buckets"]]
        counts = [count for _, count in part["buckets"]]
        check(bounds == sorted(set(bounds)) and bounds and bounds[-1] == math.inf, f"{name}{labels}: bounds {bounds}")
        check(all(le == "+Inf" or le == repr(float(le)) for le, _ in part["buckets"]), f"{name}{labels}: bounds are not canonical")
        check(counts == sorted(counts), f"{name}{labels}: buckets fall")
        check(part.get(name + "_count") == counts[-1], f"{name}{labels}: the count is not that of +Inf")
        check(part.get(name + "_sum", -1) >= 0, f"{name}{labels}: no sum")


def check_family(name, family, samples):
    check(family.get("type") and family.get("help"), f"{name}: no TYPE or no HELP")
    if family.get("unit"):
        check(name.endswith("_" + family["unit"]), f"{name}: its unit {family['unit']} is not at its end")
    for word in ("bytes", "seconds", "pages"):
        check(not name.endswith("_" + word) or family.get("unit") == word or family["older"], f"{name}: no UNIT")
    if family["type"] == "histogram":
        check_histogram(name, samples)
    for sample in samples:
        value = float(sample["value"])
        check(family["type"] == "gauge" or value >= 0, f"{name}: {value}")
        check(family["type"] != "info" or value == 1, f"{name}: an info is 1")


def read(text, older):
    """Families by name, and samples in order."""
    check("\r" not in text and text.endswith("\n"), "lines end with a newline and nothing else")
    lines = text.split("\n")[:-1]
    if not older:
        check(lines and lines[-1] == "# EOF", "the last line is not # EOF")
        lines.pop()
    families, samples, current, seen = {}, [], None, set()
    for line in lines:
        check(line, "an empty line")
        if line.startswith("#"):
            word = re.fullmatch(r"# (HELP|TYPE|UNIT) ([^ ]+) (.*)", line)
            check(word, f"not HELP, TYPE or UNIT: {line!r}")
            key, name, rest = word[1].lower(), word[2], word[3]
            check(NAME.fullmatch(name), f"not a name: {name}")
            if name != current:
                check(name not in families, f"{name} comes in two places")
                families[name] = {"older": older}
                current = name
            check(key not in families[name], f"{line!r}: a second time")
            check(not any(sample["family"] == name for sample in samples[-1:]), f"{line!r}: behind its samples")
            families[name][key] = unescape(rest, '\\"n') if key == "help" else rest
            check(key != "type" or rest in SUFFIXES, f"{line!r}: no such type here")
            continue
        name, labels, value = split_sample(line)
        family = family_of(name, families, current, older)
        mark = (name, tuple(sorted(labels.items())))
        check(mark not in seen, f"twice: {line!r}")
        seen.add(mark)
        samples.append({"family": family, "name": name, "labels": labels, "value": value})
    for name, family in families.items():
        check_family(name, family, [sample for sample in samples if sample["family"] == name])
    return families, samples


def compare_with_client(text, samples):
    """The reader that Debian has says the same. Not there: nothing to compare with."""
    try:
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
    except ImportError:
        print("python3-prometheus-client is not installed: not compared with it", file=sys.stderr)
        return
    theirs = [
        (sample.name, tuple(sorted(sample.labels.items())), float(sample.value))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
    ours = [(sample["name"], tuple(sorted(sample["labels"].items())), float(sample["value"])) for sample in samples]
    check(sorted(theirs) == sorted(ours), "python3-prometheus-client reads other samples")


def main():
    older = sys.argv[1:3] == ["--format", "prometheus"]
    with open(sys.argv[-1], "rb") as file:
        text = file.read().decode("utf-8", errors="strict")
    try:
        families, samples = read(text, older)
        if not older:
            compare_with_client(text, samples)
    except (Wrong, ValueError) as reason:
        sys.exit(f"{sys.argv[-1]}: {reason}")
    json.dump({"families": families, "samples": samples}, sys.stdout)


main()
