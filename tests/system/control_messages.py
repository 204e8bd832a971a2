# SPDX-License-Identifier: MIT
"""Messages of the control protocol, encoded and decoded by hand: a real library would refuse to make those
that no honest program sends. For the scripts beside it."""

import struct


def varint(value):
    encoded = b""
    while value > 0x7F:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def number(tag, value):
    return varint(tag << 3) + varint(value)


def field(tag, content):
    return varint(tag << 3 | 2) + varint(len(content)) + content


def frame(message):
    return struct.pack(">I", len(message)) + message


def read(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_frame(connection):
    """The message of the next frame."""
    return read(connection, struct.unpack(">I", read(connection, 4))[0])


def take_varint(message, at):
    """The number that begins there, and where it ends."""
    value = shift = 0
    while True:
        byte, at = message[at], at + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(message):
    """Each field: its tag, whether it is a number, and that number or the length of its content."""
    at = 0
    while at < len(message):
        key, at = take_varint(message, at)
        value, at = take_varint(message, at)
        yield key >> 3, key & 7 == 0, value
        if key & 7 == 2:
            at += value


def number_in(message, tag):
    """The number in a field; 0 if it is not there."""
    return next((value for found, is_number, value in fields(message) if found == tag and is_number), 0)
