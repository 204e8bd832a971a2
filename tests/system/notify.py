#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""notify.py SOCKET: prints each datagram that comes to this socket on a line, its own lines with | between.
notify.py stop THREAD [not-in-guest]: stops this thread, as a debugger does, until standard input ends; prints
"stopped" then. not-in-guest: at a moment when it is not in KVM_RUN, the only ioctl(2) that lasts."""
import ctypes
import os
import socket
import sys
import time

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_CONT, PTRACE_DETACH = 0x4206, 0x4207, 7, 17
WAIT_ALL_THREADS = 0x40000000
SYSCALL_IOCTL = "16"


def listen(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        print("listens", flush=True)
        while True:
            print(listener.recv(4096).decode().replace("\n", "|"), flush=True)


def ptrace(request, thread, data=0):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(request, thread, None, ctypes.c_void_p(data)) != 0:
        sys.exit(f"ptrace {request}: {os.strerror(ctypes.get_errno())}")


def stop(thread, outside):
    ptrace(PTRACE_SEIZE, thread)
    for _ in range(2000):
        ptrace(PTRACE_INTERRUPT, thread)
        os.waitpid(thread, WAIT_ALL_THREADS)
        with open(f"/proc/{thread}/syscall", encoding="ascii") as call:
            if not outside or call.read().split()[0] != SYSCALL_IOCTL:
                break
        ptrace(PTRACE_CONT, thread)
        time.sleep(0.001)
    else:
        print("always in the guest", flush=True)
        return
    print("stopped", flush=True)
    sys.stdin.read()
    ptrace(PTRACE_DETACH, thread)


if sys.argv[1] == "stop":
    stop(int(sys.argv[2]), len(sys.argv) > 3)
else:
    listen(sys.argv[1])
