# SPDX-License-Identifier: MIT
# image_shapes.py GUEST DIRECTORY: ELF images of unusual shapes, made from a guest.
import struct
import sys

guest = open(sys.argv[1], "rb").read()
HEADER, ENTRY_AT = 64, 24
PT_LOAD, PT_NOTE = 1, 4
XEN = struct.pack("<III4sI", 4, 4, 18, b"Xen\0", 0x100000)
LINUX = struct.pack("<III6s2xI", 6, 4, 0x101, b"Linux\0", 0)
PROPERTY = struct.pack("<III4sIII4x", 4, 16, 5, b"GNU\0", 0xC0000002, 4, 3)


def segments(image):
    count = struct.unpack_from("<H", image, 56)[0]
    return [HEADER + number * 56 for number in range(count)]


def is_loaded(image, at):
    return struct.unpack_from("<I", image, at)[0] == PT_LOAD


def with_notes(name, notes):
    image = bytearray(guest)
    image += bytes(-len(image) % 8)
    spare = [at for at in segments(image) if not is_loaded(image, at)][0]
    struct.pack_into(
        "<IIQQQQQQ", image, spare, PT_NOTE, 4, len(image), 0, 0, len(notes), len(notes), 8
    )
    write(name, image + notes)


def moved(name, by):
    image = bytearray(guest)
    for at in segments(image):
        if is_loaded(image, at):
            (paddr,) = struct.unpack_from("<Q", image, at + 24)
            struct.pack_into("<Q", image, at + 24, paddr + by)
    (entry,) = struct.unpack_from("<Q", image, ENTRY_AT)
    struct.pack_into("<Q", image, ENTRY_AT, entry + by)
    write(name, image)


def write(name, image):
    with open(f"{sys.argv[2]}/{name}", "wb") as file:
        file.write(image)


with_notes("notes_plain.elf", XEN)
with_notes("notes_padded_between.elf", XEN + bytes(4) + PROPERTY)
with_notes("notes_padded_at_end.elf", PROPERTY + XEN + bytes(4))
with_notes("notes_of_linux.elf", XEN + LINUX + bytes(4) + PROPERTY)
moved("high.elf", 4 << 30)
