#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""image.py ROM DISK VMLINUX INITRAMFS MEMORY COMMAND-LINE: packs the disk from which deploy/bochs/boot.S
boots the unwrapped kernel VMLINUX with MEMORY MiB of RAM, and sets the checksum of the ROM.

The kernel is entered as the PVH ABI has it (Xen, docs/misc/pvh.pandoc): an ELF note names the entry,
%ebx points to the start info."""
import struct
import sys

SECTOR = 512
# Bochs divides a disk into cylinders of 16 heads and 63 sectors.
CYLINDER = 16 * 63 * SECTOR
# Linux uses the start info as its stack before it has one of its own, so that it must be in RAM.
INFO = 0x10000
INITRAMFS = 0x8000000
PT_LOAD, PT_NOTE = 1, 4
NOTE_PVH_ENTRY = 18
RAM, RESERVED, ACPI = 1, 2, 3
# Bochs' BIOS has its ACPI tables at the end of RAM, and itself below 1 MiB and below 4 GiB.
ACPI_BYTES = 0x10000


def segments(elf):
    """Its program headers: type, physical address and contents of each."""
    offset, = struct.unpack_from('<Q', elf, 32)
    size, count = struct.unpack_from('<HH', elf, 54)
    for i in range(count):
        kind, _, start, _, address, length = struct.unpack_from('<IIQQQQ', elf, offset + i * size)
        yield kind, address, elf[start:start + length]


def pvh_entry(elf):
    """The address in its note; without one, the kernel cannot be booted in this way."""
    for kind, _, notes in segments(elf):
        at = 0
        while kind == PT_NOTE and at < len(notes):
            name_length, length, number = struct.unpack_from('<III', notes, at)
            name = at + 12
            text = name + (name_length + 3 & ~3)
            if notes[name:name + name_length] == b'Xen\0' and number == NOTE_PVH_ENTRY:
                return struct.unpack_from('<I', notes, text)[0]
            at = text + (length + 3 & ~3)
    sys.exit('image.py: the kernel has no PVH entry')


def start_info(memory, initramfs_bytes, command_line):
    """The start info and what it points to, for the address INFO."""
    areas = [(0, 0x9f000, RAM), (0x9f000, 0x1000, RESERVED), (0xe8000, 0x18000, RESERVED),
             (0x100000, memory - 0x100000 - ACPI_BYTES, RAM), (memory - ACPI_BYTES, ACPI_BYTES, ACPI),
             (0xfffc0000, 0x40000, RESERVED)]
    modules = INFO + 56
    memory_map = modules + 32
    text = memory_map + 24 * len(areas)
    # No address of the RSDP: Linux looks for it where BIOSes have it.
    return b''.join([struct.pack('<IIIIQQQQII', 0x336ec578, 1, 0, 1, modules, text, 0, memory_map, len(areas), 0),
                     struct.pack('<QQQQ', INITRAMFS, initramfs_bytes, 0, 0),
                     *(struct.pack('<QQII', *area, 0) for area in areas),
                     command_line.encode() + b'\0'])


def padded(contents, unit=SECTOR):
    return contents + bytes(-len(contents) % unit)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def main(rom_path, disk_path, kernel_path, initramfs_path, memory, command_line):
    kernel, initramfs = read(kernel_path), read(initramfs_path)
    parts = [(address, contents) for kind, address, contents in segments(kernel) if kind == PT_LOAD and contents]
    parts.append((INITRAMFS, initramfs))
    parts.append((INFO, start_info(int(memory) << 20, len(initramfs), command_line)))
    parts = [(address, padded(contents)) for address, contents in parts]
    table = b''.join(struct.pack('<II', address, len(contents) // SECTOR) for address, contents in parts)
    first = table.ljust(SECTOR - 8, b'\0') + struct.pack('<II', pvh_entry(kernel), INFO)
    with open(disk_path, 'wb') as disk:
        disk.write(padded(first + b''.join(contents for _, contents in parts), CYLINDER))

    rom = bytearray(read(rom_path))
    rom[5] = -(sum(rom) - rom[5]) & 0xff
    with open(rom_path, 'wb') as file:
        file.write(rom)


main(*sys.argv[1:])
