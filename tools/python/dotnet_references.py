"""Which assemblies a .NET assembly refers to: the table AssemblyRef of its metadata (ECMA-335, II.22 and II.24)."""
import re
import struct

# Columns of the tables up to AssemblyRef. A number is that many bytes; s, g and b index the heaps of strings, GUIDs and blobs; a
# number behind T indexes that table, and a name one of several tables, by as many bits as tell them apart.
_TABLES = {
    0x00: "2 s g g g", 0x01: "Scope s s", 0x02: "4 s s TypeDefOrRef T4 T6", 0x03: "T4", 0x04: "2 s b", 0x05: "T6",
    0x06: "4 2 2 s b T8", 0x07: "T8", 0x08: "2 2 s", 0x09: "T2 TypeDefOrRef", 0x0A: "MemberParent s b", 0x0B: "2 HasConstant b",
    0x0C: "HasAttribute Attribute b", 0x0D: "HasMarshal b", 0x0E: "2 HasSecurity b", 0x0F: "2 4 T2", 0x10: "4 T4", 0x11: "b",
    0x12: "T2 T20", 0x13: "T20", 0x14: "2 s TypeDefOrRef", 0x15: "T2 T23", 0x16: "T23", 0x17: "2 s b", 0x18: "2 T6 HasSemantics",
    0x19: "T2 Method Method", 0x1A: "s", 0x1B: "b", 0x1C: "2 Forwarded s T26", 0x1D: "4 T4", 0x1E: "4 4", 0x1F: "4",
    0x20: "4 2 2 2 2 4 b s s", 0x21: "4", 0x22: "4 4 4", 0x23: "2 2 2 2 4 b s s b",
}
_CHOICES = {
    "TypeDefOrRef": (2, (2, 1, 27)), "HasConstant": (2, (4, 8, 23)), "HasMarshal": (1, (4, 8)), "HasSecurity": (2, (2, 6, 32)),
    "HasAttribute": (5, (6, 4, 1, 2, 8, 9, 10, 0, 14, 23, 20, 17, 26, 27, 32, 35, 38, 39, 40, 42, 44, 43)),
    "MemberParent": (3, (2, 1, 26, 6, 27)), "HasSemantics": (1, (20, 23)), "Method": (1, (6, 10)), "Forwarded": (1, (4, 6)),
    "Attribute": (3, (6, 10)), "Scope": (2, (0, 26, 35, 1)),
}
_REFERENCES = 0x23


def references(data: bytes) -> set[str]:
    """The names of the assemblies that an assembly (its bytes) refers to. Raises ValueError for other bytes."""
    streams = _streams(data)
    tables, strings = streams["#~"], streams["#Strings"]
    wide, valid = data[tables + 6], struct.unpack_from("<Q", data, tables + 8)[0]
    present = [number for number in range(64) if valid >> number & 1]
    rows = dict(zip(present, struct.unpack_from(f"<{len(present)}I", data, tables + 24)))

    def width(column: str) -> int:
        if column.isdigit():
            return int(column)
        if column in "sgb":
            return 4 if wide >> "sgb".index(column) & 1 else 2
        bits, targets = (0, (int(column[1:]),)) if column[1:].isdigit() else _CHOICES[column]
        return 2 if max(rows.get(target, 0) for target in targets) < 1 << (16 - bits) else 4

    def size(table: int) -> int:
        return sum(map(width, _TABLES[table].split()))

    at = tables + 24 + 4 * len(present) + sum(rows[table] * size(table) for table in present if table < _REFERENCES)
    name = sum(map(width, _TABLES[_REFERENCES].split()[:6]))
    found = set()
    for row in range(rows.get(_REFERENCES, 0)):
        place = at + row * size(_REFERENCES) + name
        start = strings + int.from_bytes(data[place:place + width("s")], "little")
        found.add(data[start:data.index(0, start)].decode())
    return found


def mentioned(data: bytes) -> set[str]:
    """Names that could be those of assemblies in an assembly's texts, "Type, Assembly": what it loads by name."""
    return {name.decode("utf-16-le") for name in re.findall(rb",\0 \0((?:[A-Za-z.]\0){3,})", data)}


def _streams(data: bytes) -> dict[str, int]:
    """Where the streams of the metadata begin."""
    header = struct.unpack_from("<I", data, 0x3C)[0] if data[:2] == b"MZ" else 0
    if not header or data[header:header + 4] != b"PE\0\0":
        raise ValueError("this is no PE file")
    sections, optional = struct.unpack_from("<H", data, header + 6)[0], header + 24
    options = struct.unpack_from("<H", data, header + 20)[0]
    directories = optional + (112 if struct.unpack_from("<H", data, optional)[0] == 0x20B else 96)

    def place(address: int) -> int:
        for section in range(sections):
            _, start, size, offset = struct.unpack_from("<4I", data, optional + options + 40 * section + 8)
            if start <= address < start + size:
                return offset + address - start
        raise ValueError("this is no assembly of .NET")

    cli = place(struct.unpack_from("<I", data, directories + 8 * 14)[0])
    root = place(struct.unpack_from("<I", data, cli + 8)[0])
    at = root + 16 + struct.unpack_from("<I", data, root + 12)[0]
    streams = {}
    for _ in range(struct.unpack_from("<H", data, at + 2)[0]):
        offset, end = struct.unpack_from("<I", data, at + 4)[0], data.index(0, at + 12)
        streams[data[at + 12:end].decode()] = root + offset
        at += 8 + (end - at - 12) // 4 * 4 + 4
    return streams
