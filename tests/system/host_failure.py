# SPDX-License-Identifier: MIT
"""Forbids writable mappings of an object, by an attribute of its file, once a guest has opened it."""
import fcntl
import os
import subprocess
import sys

vmm, guest, path = sys.argv[1:]
APPEND_ONLY = 0x20

def set_attributes(attributes):
    fcntl.ioctl(file, 0x40086602, attributes.to_bytes(8, "little"))  # FS_IOC_SETFLAGS


file = os.open(path, os.O_RDWR | os.O_CREAT)
os.ftruncate(file, 65536)
before = int.from_bytes(fcntl.ioctl(file, 0x80086601, bytes(8)), "little")  # FS_IOC_GETFLAGS
try:
    set_attributes(before | APPEND_ONLY)
    set_attributes(before)
except OSError as error:
    print(f"no file can be made append-only here: {error}")
    sys.exit(77)
with subprocess.Popen(
        [vmm, "--name", "host_failure", "--kernel", guest,
         "--object", f"name=closed,path={path}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as vm:
    first = vm.stdout.readline()
    set_attributes(before | APPEND_ONLY)
    try:
        console, log = vm.communicate("go\n", timeout=60)
    finally:
        set_attributes(before)

print(first + console + log)
if first != "ready\n":
    sys.exit("the guest did not come as far as it should")
if vm.returncode != 0:
    sys.exit(f"exit status {vm.returncode}, wanted 0")
if log.count("the host refuses a mapping: Permission denied") != 2:
    sys.exit("the log does not tell twice what the host refused")
