#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tells what a VM is and which windows its guest has: an example of the control protocol in Python,
without any library of Holdfast's.

  protoc -I/usr/share/holdfast/proto --python_out=. holdfast/control/v1/control.proto
  PYTHONPATH=. python3 vm_info.py /run/holdfast/web.sock

Needs protoc (protobuf-compiler) and python3-protobuf. What each message means stands in control.proto."""

import socket
import struct
import sys

from holdfast.control.v1 import control_pb2 as control

TIME_LIMIT = 10  # seconds
RESPONSE_MOST = 1048576


class Refused(Exception):
    """The VM has answered that it did not do it."""


class Connection:
    """One connection; each call takes the fields of its request and gives the reply."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIME_LIMIT)
        self.socket.connect(path)
        self.last_id = 0

    def receive(self, length):
        data = b""
        while len(data) < length:
            part = self.socket.recv(length - len(data))
            if not part:
                raise ConnectionError("the VM has closed the connection")
            data += part
        return data

    def call(self, name, **fields):
        self.last_id += 1
        request = control.Request(protocol_minor=3, id=self.last_id)
        getattr(request, name).SetInParent()  # also where no field is set
        for field, value in fields.items():
            setattr(getattr(request, name), field, value)
        message = request.SerializeToString()
        self.socket.sendall(struct.pack(">I", len(message)) + message)
        (length,) = struct.unpack(">I", self.receive(4))
        if length > RESPONSE_MOST:
            raise ConnectionError("this is not the control protocol")
        response = control.Response.FromString(self.receive(length))
        if response.status != control.STATUS_OK:
            raise Refused(response.message)
        return getattr(response, name)


def windows(connection):
    """All of them, over as many calls as it takes."""
    from_page = 0
    while True:
        reply = connection.call("list_windows", from_page=from_page)
        yield from reply.windows
        if reply.next <= from_page:
            return
        from_page = reply.next


def main():
    connection = Connection(sys.argv[1])
    info = connection.call("info")
    state = control.MachineState.Name(info.state).removeprefix("MACHINE_STATE_").lower()
    print(f"{info.name}: {state}, {info.vcpus} vCPUs, {info.memory_bytes >> 20} MiB, {info.kernel}")
    for window in windows(connection):
        tag = window.tag.to_bytes(4, "little").decode("latin-1")
        print(f"window at {window.address:#x}: {window.pages} pages of {tag!r}, {window.mapped_pages} mapped")


try:
    main()
except (IndexError, OSError, Refused) as error:
    sys.exit(f"vm_info.py: {error or 'which VM? The path of its socket is wanted'}")
