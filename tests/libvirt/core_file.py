# SPDX-License-Identifier: MIT
# Checks a core file of a machine against the kernel that it runs: RAM holds the kernel where it was
# loaded, and each vCPU has its registers there.
#   core_file.py CORE KERNEL VCPUS RAM-BYTES
import struct
import sys

core, kernel = (open(path, "rb").read() for path in sys.argv[1:3])
vcpus, ram = int(sys.argv[3]), int(sys.argv[4])


def segments(file):
    """(type, flags, offset, vaddr, paddr, filesz) of each."""
    assert file[:5] == b"\x7fELF\x02", "not an ELF file of 64 bits"
    at, size, count = struct.unpack_from("<Q", file, 32)[0], *struct.unpack_from("<HH", file, 54)
    return [struct.unpack_from("<IIQQQQ", file, at + i * size) for i in range(count)]


assert struct.unpack_from("<HH", core, 16) == (4, 62), "not a core file of x86-64"
loads = [s for s in segments(core) if s[0] == 1]
assert sum(s[5] for s in loads) == ram, loads
assert len(core) == loads[-1][2] + loads[-1][5], f"it has {len(core)} bytes"


def at(address, length):
    for _, _, offset, vaddr, paddr, size in loads:
        if paddr <= address and address + length <= paddr + size:
            assert vaddr == paddr
            return core[offset + address - paddr:][:length]
    raise AssertionError(f"{address:#x} is not in RAM")


code = [s for s in segments(kernel) if s[0] == 1 and s[1] & 1]
for _, _, offset, _, paddr, size in code:
    assert at(paddr, size) == kernel[offset:offset + size], "the kernel's code is not there"

notes = [s for s in segments(core) if s[0] == 4][0]
position, end, pids = notes[2], notes[2] + notes[5], []
while position < end:
    name_size, size, kind = struct.unpack_from("<III", core, position)
    name = core[position + 12:][:name_size]
    data = core[position + 12 + (name_size + 3) // 4 * 4:][:size]
    position += 12 + (name_size + 3) // 4 * 4 + (size + 3) // 4 * 4
    if (name, kind) == (b"CORE\0", 1):
        pids.append(struct.unpack_from("<I", data, 32)[0])
        rip, = struct.unpack_from("<Q", data, 112 + 16 * 8)
    else:
        assert (name, kind) == (b"QEMU\0", 0), (name, kind)
        assert struct.unpack_from("<II", data) == (1, size)
        assert struct.unpack_from("<Q", data, 8 + 16 * 8)[0] == rip, "the notes differ"
        assert struct.unpack_from("<Q", data, size - 40)[0] & 0x80000001 == 0x80000001 or pids[-1] > 1, "no paging"
        if pids[-1] == 1:
            assert any(s[4] <= rip < s[4] + s[5] for s in code), f"rip {rip:#x} is not in the kernel"
assert pids == list(range(1, vcpus + 1)), pids
