# SPDX-License-Identifier: MIT
"""Forbids writable mappings of an object, by a seal, once a guest has opened it."""
import fcntl
import os
import subprocess
import sys

vmm, guest = sys.argv[1:]
memfd = os.memfd_create("sealed", os.MFD_ALLOW_SEALING)
os.ftruncate(memfd, 65536)
with subprocess.Popen(
        [vmm, "--name", "host_failure", "--kernel", guest,
         "--object", f"name=sealed,path=/proc/{os.getpid()}/fd/{memfd}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as vm:
    first = vm.stdout.readline()
    fcntl.fcntl(memfd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    console, log = vm.communicate("go\n", timeout=60)

print(first + console + log)
if first != "ready\n":
    sys.exit("the guest did not come as far as it should")
if vm.returncode != 0:
    sys.exit(f"exit status {vm.returncode}, wanted 0")
if log.count("the host refuses a mapping: Operation not permitted") != 2:
    sys.exit("the log does not tell twice what the host refused")
