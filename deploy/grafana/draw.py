#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""draw.py URL PICTURE.svg [SECONDS]: draws panels of holdfast.json, which lies beside this, with gnuplot, from
what the Prometheus at URL answers for the last SECONDS, without this number 300. So what the README shows is
what the dashboard's own queries give."""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request

PANELS = [
    "Calls on windows",
    "MAP: how long it takes",
    "Windows by tag",
    "Budgets: how much of each is held",
    "Shortages of the host",
    "Memory beside RAM",
]
COLUMNS, WIDTH, HEIGHT = 2, 460, 250
POINTS = 60
COLOURS = ["#1b6ca8", "#c2571a", "#3a7d44", "#8e44ad", "#b8860b", "#555555", "#d1495b", "#2a9d8f"]
UNITS = {"bytes": (1 << 20, "MiB"), "s": (1e-6, "microseconds"), "percentunit": (0.01, "%"), "ops": (1, "a second"), "short": (1, "pages")}


def ask(url, query, end, seconds):
    """Time series: label and points of each."""
    step = max(1, seconds // POINTS)
    words = urllib.parse.urlencode({"query": query, "start": end - seconds, "end": end, "step": step})
    with urllib.request.urlopen(f"{url}/api/v1/query_range?{words}", timeout=30) as reply:
        return json.load(reply)["data"]["result"]


def now(url):
    """Prometheus' own time."""
    with urllib.request.urlopen(f"{url}/api/v1/query?query=time()", timeout=30) as reply:
        return int(float(json.load(reply)["data"]["result"][1]))


def fill(query, seconds):
    """A query of the dashboard with its variables filled in: of all VMs."""
    interval = f"{max(10, seconds // 10)}s"
    return query.replace("$__rate_interval", interval).replace("$vm", ".+")


def legend(form, labels):
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return " ".join("".join(part.split("}}")[-1] for part in form.split("{{")).split())


def series_of(url, panel, end, seconds):
    """Label and points of everything in a panel that changes or is not 0."""
    scale, _ = UNITS[panel["fieldConfig"]["defaults"]["unit"]]
    found = []
    for target in panel["targets"]:
        for series in ask(url, fill(target["expr"], seconds), end, seconds):
            points = [(float(at), float(value) / scale) for at, value in series["values"] if value != "NaN"]
            if any(value != 0 for _, value in points):
                found.append((legend(target["legendFormat"], series["metric"]), points))
    return found


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def plot(panel, series, place, end):
    """gnuplot's words for one panel."""
    defaults = panel["fieldConfig"]["defaults"]
    _, unit = UNITS[defaults["unit"]]
    logarithmic = "scaleDistribution" in defaults.get("custom", {})
    words = [
        f"set origin {place[0]}, {place[1]}",
        f"set title {quoted(panel['title'] + ', ' + unit)} noenhanced",
        "set logscale y 10" if logarithmic else "unset logscale y",
        "set yrange [*:*]" if logarithmic else "set yrange [0:*]",
    ]
    curves = []
    for number, (label, points) in enumerate(series):
        words.append(f"$series{number} << EOD")
        words += [f"{at - end:.0f} {value:.4g}" for at, value in points]
        words.append("EOD")
        curves.append(f"$series{number} using 1:2 with lines lw 1.5 lc rgb '{COLOURS[number % len(COLOURS)]}' title {quoted(label)} noenhanced")
    return words + ["plot " + ", ".join(curves)]


def tidy(picture):
    """Without what gnuplot writes that is not seen: most of the file."""
    with open(picture, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    lines = [line for line in lines if line and not line.startswith("<desc>") and "id='gpPt" not in line]
    lines.insert(1, "<!-- SPDX-License-Identifier: MIT. Drawn by deploy/grafana/draw.py -->")
    text, before = "\n".join(lines) + "\n", None
    while text != before:
        before, text = text, re.sub(r"<g [^>]*>\n?</g>\n", "", text)
    text = re.sub(r"(\d\.\d)\d\b", r"\1", text)  # a tenth of a pixel is enough
    text = text.replace('<tspan font-family="sans-serif" >', "<tspan>").replace("\t", " ")
    with open(picture, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    url, picture = sys.argv[1:3]
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "holdfast.json"), encoding="utf-8") as file:
        panels = {panel["title"]: panel for panel in json.load(file)["panels"]}
    rows = -(-len(PANELS) // COLUMNS)
    words = [
        f"set terminal svg size {COLUMNS * WIDTH},{rows * HEIGHT} font 'sans-serif,11' background rgb 'white'",
        f"set output {quoted(picture)}",
        "set multiplot",
        f"set size {1 / COLUMNS}, {1 / rows}",
        f"set xrange [{-seconds}:0]",
        "set format x '%g s'",
        "set grid lc rgb '#dddddd'",
        "set border 3 lc rgb '#888888'",
        "set tics nomirror textcolor rgb '#333333'",
        "set key outside bottom center horizontal samplen 1.5 font ',9'",
    ]
    end = now(url)
    for number, title in enumerate(PANELS):
        series = series_of(url, panels[title], end, seconds)
        if not series:
            sys.exit(f"draw.py: Prometheus has nothing for the panel '{title}'")
        place = (number % COLUMNS / COLUMNS, 1 - (number // COLUMNS + 1) / rows)
        words += plot(panels[title], series, place, end)
    words.append("unset multiplot")
    subprocess.run(["gnuplot"], input="\n".join(words) + "\n", text=True, check=True)
    tidy(picture)


main()
