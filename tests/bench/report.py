# SPDX-License-Identifier: MIT
"""The results as text for a person, and as a plot."""
import subprocess
from pathlib import Path

SHOWN = (1, 16, 512)  # pages; the JSON file and the plot have the sizes between, too
NAMES = {
    "exit": "exit to user space and back",
    "mmap": "mmap MAP_FIXED",
    "replace": "mmap MAP_FIXED over a mapping",
    "none": "mmap PROT_NONE over a mapping",
    "slot": "memory slot, create and delete",
    "memcpy": "memcpy",
}


def work_name(row):
    return NAMES.get(row["work"], row["work"].upper())


def pages_text(pages, shape="contiguous"):
    if pages == 0:
        return ""
    return f"{pages} page{'s' if pages > 1 else ''}{', scattered' if shape == 'scattered' else ''}"


def is_shown(row):
    """One page is neither contiguous nor scattered."""
    pages = row["pages"]
    return pages == 0 or (pages in SHOWN and (pages > 1 or row.get("shape") != "scattered"))


def ratio_text(ratio):
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def primitive_lines(results):
    yield "The host's primitives, microseconds (scattered: a call for each page, PROT_NONE one)"
    for row in results["primitives"]:
        if row["work"] == "exit":
            row = dict(row, pages=0)
        if is_shown(row):
            where = pages_text(row["pages"], row["shape"])
            yield f"  {work_name(row):32} {where:22} {row['us']:9.2f}"


def call_lines(results):
    yield "Holdfast's calls beside one exit and the mmap calls they need, microseconds"
    yield f"  {'call':32} {'':22} {'raw':>9} {'Holdfast':>9} {'ratio':>6}   aim"
    for row in results["calls"]:
        if is_shown(row):
            where = pages_text(row["pages"], row["shape"])
            aim = f"<= {row['aim']}" if row["aim"] else ""
            yield (f"  {work_name(row):32} {where:22} {row['raw_us']:9.2f} "
                   f"{row['holdfast_us']:9.2f} {ratio_text(row['ratio']):>6}   {aim}".rstrip())


def instead_lines(results):
    yield "MAP and UNMAP beside other ways to show a guest some pages for a while, microseconds"
    yield "(a slot with the two exits that ask for it; a copy is made by the guest itself)"
    yield f"  {'instead':32} {'':22} {'raw':>9} {'Holdfast':>9} {'ratio':>6}"
    for row in results["instead_of_windows"]:
        if is_shown(row):
            yield (f"  {work_name(row):32} {pages_text(row['pages']):22} {row['raw_us']:9.2f} "
                   f"{row['holdfast_us']:9.2f} {ratio_text(row['ratio']):>6}")


def window_lines(results):
    counts = sorted(results["windows"][0]["us_by_windows"], key=int)
    most = max(counts, key=int)
    yield "Holdfast's calls when so many windows exist, each with a page mapped, microseconds"
    yield (f"  {'call':10}" + "".join(f"{count:>10}" for count in counts)
           + f"   {most} : {counts[0]}   aim")
    for row in results["windows"]:
        us = row["us_by_windows"]
        yield (f"  {work_name(row):10}" + "".join(f"{us[count]:10.2f}" for count in counts)
               + f"{row['ratio']:11.2f}   flat")


def storm_lines(results):
    yield "MAP of a few scattered pages in a storm of MAPs, REMAPs and UNMAPs, microseconds"
    if not results["storms"]:
        yield "  not measured: no memory cgroup can be made here"
        return
    yield "  " + " " * 32 + "".join(f"{name:>11}" for name in results["storms"][0]["us"])
    for row in results["storms"]:
        where = {"unloaded": "memory cgroup without a limit", "full": "full memory cgroup"}
        yield (f"  {where[row['memory']]:32}"
               + "".join(f"{us:11.1f}" for us in row["us"].values()))


def operator_lines(results):
    rows = results["beside_operators"]
    yield f"MAP of 4 scattered pages in a VM with {rows[0]['extents']} extents, microseconds"
    yield "  " + " " * 40 + "".join(f"{name:>11}" for name in rows[0]["us"])
    beside = {"alone": "no operator", "watch": "holdfastctl watch, ten times a second",
              "detach": "their object being detached by force"}
    for row in rows:
        yield (f"  {beside[row['beside']]:40}"
               + "".join(f"{us:11.1f}" for us in row["us"].values()))


def load_lines(results):
    yield "A guest that does one thing without pause, and holdfastctl info beside it"
    yield (f"  {'':22}{'answer, ms':>12}{'slowest':>10}{'vCPU':>9}{'others':>9}"
           f"{'log lines/s':>13}   aim: others <= 5 %")
    doing = {"nothing": "sleeps", "calls": "makes hypercalls", "faults": "faults in a window",
             "serial": "writes to the console"}
    for row in results["loads"]:
        yield (f"  {doing[row['load']]:22}{row['answer_ms']:12.1f}{row['slowest_answer_ms']:10.1f}"
               f"{row['vcpu_share']:9.1%}{row['others_share']:9.1%}"
               f"{row['log_lines_a_second']:13.1f}")


def start_lines(results):
    start, memory = results["start"], results["memory_kib"]
    yield "A VMM with a nano guest"
    yield (f"  from exec to the guest's first byte: {start['holdfast_ms']:.1f} ms (median of "
           f"{start['starts']} starts; slowest {start['holdfast_slowest_ms']:.1f} ms; aim < 50 ms)")
    yield (f"  of this, a process that only makes a VM with one vCPU: {start['raw_ms']:.1f} ms")
    yield (f"  memory while the guest idles: {memory['rss']} KiB resident beside the guest's RAM "
           f"({memory['pss']} KiB as its share of shared pages),")
    yield (f"    and {memory['page_tables']} KiB of page tables; of {memory['of_mib']} MiB of RAM, "
           f"{memory['guest_ram']} KiB are in use")


def text(results):
    machine = results["machine"]
    lines = [f"{machine['cpu']}, Linux {machine['kernel']}, modules {machine['kvm']}",
             "Medians; calls on one processor, everything at real-time priority where permitted"]
    for part in (primitive_lines, call_lines, instead_lines, window_lines, storm_lines,
                 operator_lines, load_lines, start_lines):
        lines += ["", *part(results)]
    return "\n".join(lines) + "\n"


def plot(results, directory):
    """cost-by-extents.png, by gnuplot, from cost-by-extents.dat beside it."""
    columns = {}
    for row in results["calls"]:
        if row["shape"] == "scattered" and row["work"] in ("map", "unmap"):
            columns.setdefault(row["pages"], []).extend((row["raw_us"], row["holdfast_us"]))
    data = Path(directory) / "cost-by-extents.dat"
    with data.open("w", encoding="utf-8") as file:
        file.write("# extents; MAP raw, Holdfast; UNMAP raw, Holdfast: microseconds\n")
        for extents in sorted(columns):
            file.write(" ".join(f"{value:.3f}" for value in (extents, *columns[extents])) + "\n")
    image = Path(directory) / "cost-by-extents.png"
    machine = results["machine"]
    subprocess.run(["gnuplot", "-e", f"data='{data}'; image='{image}'; "
                    f"machine='{machine['cpu']}, Linux {machine['kernel']}'",
                    str(Path(__file__).parent / "cost-by-extents.gp")], check=True)
