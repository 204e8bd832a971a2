# SPDX-License-Identifier: MIT
# Creates a domain for each row of a table, which puts one element into a domain that works, and
# checks what comes of it.
#   elements.py TABLE DOMAIN DIRECTORY VIRSH ...
# A row is "PLACE | WANTED | XML". PLACE says where the XML goes (see put()). WANTED is
#   starts    the domain starts
#   libvirt   libvirt itself refuses it; its words differ from release to release
#   either    it depends on libvirt's release or on the host; never a word that libvirtd has gone
#   REGEX     Holdfast refuses it, and virsh shows a line like this
import concurrent.futures
import re
import subprocess
import sys

table, domain, directory, *virsh = sys.argv[1:]
AT_ONCE = 6
base = re.sub(r"<!--.*?-->", "", open(domain).read(), flags=re.S)
GONE = re.compile(r"Disconnected|End of file|Connection reset|Failed to connect|Cannot write data")
# PLACE: what the XML takes the place of.
INSTEAD_OF = {"cpu": r"<cpu .*?/>", "vcpu": r"<vcpu>.*?</vcpu>", "clock": r"<clock .*?/>",
              "memoryBacking": r"<memoryBacking>.*?</memoryBacking>", "type": r"<type .*?</type>",
              "emulator": r"<emulator>.*?</emulator>", "kernel": r"<kernel>.*?</cmdline>",
              "qemu": r"<qemu:commandline>.*?</qemu:commandline>", "serial": r"<serial .*?<console .*?/>",
              "memballoon": r"<memballoon .*?/>", "usb": r"<controller type='usb'.*?/>",
              "on_poweroff": r"<on_poweroff>.*?</on_poweroff>", "on_reboot": r"<on_reboot>.*?</on_reboot>",
              "on_crash": r"<on_crash>.*?</on_crash>", "domaintype": r"type='kvm'"}
# PLACE: what it goes in front of.
BEFORE = {"domain": "<devices>", "devices": "</devices>", "os": "</os>", "osattribute": "(?<=<os)>"}


def put(place, xml):
    if place == "features":
        place, xml = "domain", f"<features>{xml}</features>"
    if place in INSTEAD_OF:
        changed, count = re.subn(INSTEAD_OF[place], lambda _: xml, base, count=1, flags=re.S)
    else:
        changed, count = re.subn(BEFORE[place], lambda at: xml + at.group(), base, count=1)
    assert count == 1, f"{place}: the domain has no such place"
    return changed


def run(*words):
    done = subprocess.run([*virsh, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    return done.returncode == 0, " ".join(done.stderr.split())


def outcome(number, place, xml):
    """Whether it has started, and what virsh has said."""
    name = f"element-{number}"
    path = f"{directory}/{name}.xml"
    xml = xml.replace("DIRECTORY", directory)
    with open(path, "w") as file:
        file.write(re.sub("<name>.*?</name>", f"<name>{name}</name>", put(place, xml)))
    started, said = run("create", path)
    if started:
        run("destroy", name)
    return started, said


def mistake(wanted, started, said):
    if GONE.search(said):
        return "libvirtd has gone"
    if wanted == "either":
        return None
    if started != (wanted == "starts"):
        return f"started: {started}, wanted: {wanted}"
    if wanted in ("starts", "libvirt"):
        return None if wanted == "starts" or "holdfast-vmm:" not in said else "it has come to Holdfast"
    if "holdfast-vmm:" not in said or not re.search(wanted, said):
        return f"wanted a line like: {wanted}"
    return None


def check(row):
    number, line = row
    place, wanted, xml = (part.strip() for part in line.split("|"))
    started, said = outcome(number, place, xml)
    wrong = mistake(wanted, started, said)
    return [f"line {number}: {place}: {xml}\n    {wrong}\n    {said}"] if wrong else []


rows = [(number, line) for number, line in enumerate(open(table), 1) if "|" in line and line[0] != "#"]
with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
    wrong = [text for texts in pool.map(check, rows) for text in texts]
print("\n".join(wrong))
print(f"{len(rows)} elements, {len(wrong)} wrong")
sys.exit(1 if wrong else 0)
