# SPDX-License-Identifier: MIT
# What refuses a machine is gone when its monitor's connection ends, and that just ends and is not reset:
# else libvirt tells of the connection, and not what the log says. And where nobody has joined the monitor of
# a machine that ran, it ends with its guest's status.
#   refusal_outlives.py PROGRAM KERNEL
import os
import socket
import subprocess
import sys
import tempfile

PATIENCE = 60
program, kernel = sys.argv[1:]


def start(listener, *words):
    chardev = f"socket,id=charmonitor,fd={listener.fileno()},server=on,wait=off"
    return subprocess.Popen([program, "-machine", "isapc", "-kernel", kernel, "-chardev", chardev,
                             "-mon", "chardev=charmonitor,id=monitor,mode=control", *words],
                            pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


with tempfile.TemporaryDirectory() as directory:
    for i in range(20):
        path = os.path.join(directory, str(i))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        vmm = start(listener, "-device", "no-such-device")
        listener.close()
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        client.connect(path)
        assert client.recv(1) == b"", "the refused machine's monitor says something"
        # Not by poll(), which would wait for nobody to have asked yet.
        gone, status = os.waitpid(vmm.pid, os.WNOHANG)
        assert gone == vmm.pid, "the connection ends before the process"
        assert os.waitstatus_to_exitcode(status) == 2, status
        assert "no-such-device" in vmm.stderr.read()

    for wanted in (2, 125): # those with which it refuses, too
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(os.path.join(directory, f"unused{wanted}"))
        listener.listen(1)
        vmm = start(listener, "-append", str(wanted))
        said = vmm.communicate(timeout=PATIENCE)[1]
        assert vmm.returncode == wanted, f"status {vmm.returncode}, not {wanted}: {said}"
        assert "system call" not in said, said
