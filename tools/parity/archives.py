"""Archives and compressed files for the comparison with gitleaks: every kind, right and wrong names, nested,
damaged.

The makers are Python's own where it has them; the other formats go through the shared libraries that Merlon
itself is built with (a kind whose library is absent is left out and named). 7z and RAR 5 hold their members as
they are, so that no packer of theirs is needed.
"""

import bz2
import ctypes
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib

RULES = """[[rules]]
id = 'plain'
regex = 'tok_[a-z0-9]{12}'
[[rules]]
id = 'line'
regex = '^key_([a-z0-9]{8})$'
[[rules]]
id = 'paired'
regex = 'one_[a-z0-9]{6}\\n\\n?two_[a-z0-9]{6}'
keywords = ['one_', 'two_']
[[rules]]
id = 'named'
path = '\\.pem$'
"""


def library(name):
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def through(function, data, room, *before):
    """Calls a C compressor of the form f(before…, in, in_size, out, &out_size)."""
    out, size = ctypes.create_string_buffer(room), ctypes.c_size_t(room)
    function(*before, data, ctypes.c_size_t(len(data)), out, ctypes.byref(size))
    return out.raw[:size.value]


def brotli(data):
    encoder = library("libbrotlienc.so.1")
    size, out = ctypes.c_size_t(len(data) + 10_000), ctypes.create_string_buffer(len(data) + 10_000)
    encoder.BrotliEncoderCompress(5, 22, 0, ctypes.c_size_t(len(data)), data, ctypes.byref(size), out)
    return out.raw[:size.value]


def crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC32C = crc32c_table()


def snappy(data):
    """The framing format, chunk by chunk."""
    out = b"\xff\x06\0\0sNaPpY"
    for begin in range(0, len(data), 65_536):
        piece = data[begin:begin + 65_536]
        crc = 0xFFFFFFFF
        for byte in piece:
            crc = crc >> 8 ^ CRC32C[(crc ^ byte) & 0xFF]
        crc ^= 0xFFFFFFFF
        masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
        chunk = masked.to_bytes(4, "little") + through(library("libsnappy.so.1").snappy_compress, piece,
                                                       len(piece) * 2 + 100)
        out += b"\0" + len(chunk).to_bytes(3, "little") + chunk
    return out


def zstd(data):
    code = library("libzstd.so.1")
    code.ZSTD_compress.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(len(data) + 10_000)
    size = code.ZSTD_compress(out, ctypes.c_size_t(len(out)), data, ctypes.c_size_t(len(data)), 3)
    return out.raw[:size]


def lz4(data):
    code = library("liblz4.so.1")
    code.LZ4F_compressFrame.restype = ctypes.c_size_t
    out = ctypes.create_string_buffer(len(data) * 2 + 10_000)
    # LZ4F_preferences_t with contentChecksumFlag, as the lz4 command has it.
    preferences = struct.pack("<4iQIi", 0, 0, 1, 0, 0, 0, 0) + bytes(24)
    size = code.LZ4F_compressFrame(out, ctypes.c_size_t(len(out)), data, ctypes.c_size_t(len(data)), preferences)
    return out.raw[:size]


def lzip(data):
    packer = lzma.LZMACompressor(format=lzma.FORMAT_RAW, filters=[
        {"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20, "lc": 3, "lp": 0, "pb": 2}])
    member = b"LZIP\x01\x14" + packer.compress(data) + packer.flush()
    return member + struct.pack("<IQQ", zlib.crc32(data), len(data), len(member) + 20)


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo("placeholder")
            info.filename = name  # as it is: the constructor turns backslashes on some systems
            info.create_system = 0
            archive.writestr(info, data, method)
    return out.getvalue()


def tar_of(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def number_7z(value):
    """7zFormat.txt, NUMBER: here always with all eight bytes."""
    return b"\xff" + struct.pack("<Q", value)


def seven_zip_of(members):
    """7zFormat.txt: one folder for all members, coder Copy."""
    packed = b"".join(data for _, data in members)
    count = number_7z(len(members))
    size = number_7z(len(packed))
    streams = b"\x06" + number_7z(0) + b"\x01\x09" + size + b"\0"
    streams += b"\x07\x0b\x01\0\x01\x01\0\x0c" + size + b"\0"
    streams += b"\x08\x0d" + count + b"\x09" + b"".join(number_7z(len(d)) for _, d in members[:-1])
    streams += b"\x0a\x01" + b"".join(struct.pack("<I", zlib.crc32(d)) for _, d in members) + b"\0"
    names = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name, _ in members)
    files = b"\x05" + count + b"\x11" + number_7z(len(names)) + names + b"\0"
    header = b"\x01\x04" + streams + b"\0" + files + b"\0" if members else b""
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def number_rar(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def rar_block(header, data=b""):
    sized = number_rar(len(header)) + header
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def rar_of(members):
    """The RAR 5.0 archive format, method "store"."""
    out = b"Rar!\x1a\x07\x01\0" + rar_block(number_rar(1) + number_rar(0) + number_rar(0))
    for name, data in members:
        raw = name.encode()
        header = (number_rar(2) + number_rar(2) + number_rar(len(data)) + number_rar(4) + number_rar(len(data)) +
                  number_rar(0o100644) + struct.pack("<I", zlib.crc32(data)) + number_rar(0) + number_rar(1) +
                  number_rar(len(raw)) + raw)
        out += rar_block(header, data)
    return out + rar_block(number_rar(5) + number_rar(0) + number_rar(0))


def ar_of(members):
    out = b"!<arch>\n"
    for name, data in members:
        out += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name[:15].encode() + b"/", 0, 0, 0, b"100644", len(data))
        out += data + b"\n" * (len(data) % 2)
    return out


STREAMS = {
    "gz": lambda data: gzip.compress(data, mtime=0), "bz2": bz2.compress, "xz": lzma.compress, "zz": zlib.compress,
    "lz": lzip, "zst": zstd, "lz4": lz4, "br": brotli, "sz": snappy,
}
NEEDS = {"zst": "libzstd.so.1", "lz4": "liblz4.so.1", "br": "libbrotlienc.so.1", "sz": "libsnappy.so.1"}
CONTAINERS = {
    "zip": zip_of, "stored.zip": lambda members: zip_of(members, zipfile.ZIP_STORED),
    "bz2.zip": lambda members: zip_of(members, zipfile.ZIP_BZIP2),
    "lzma.zip": lambda members: zip_of(members, zipfile.ZIP_LZMA), "tar": tar_of,
    "7z": seven_zip_of, "rar": rar_of, "a": ar_of, "deb": ar_of,
}
# Behind the stem. {} is the right extension.
NAMES = ("{}", "{}.old", "{}.txt", "none", "upper {}", "wrong {}")
DAMAGES = ("whole", "cut-1", "cut-9", "cut-half", "flip-middle", "flip-end", "trailing", "zeros", "leading", "twice",
           "empty", "text")


class Archives:
    """All cases of one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.absent = sorted(kind for kind, name in NEEDS.items() if library(name) is None)
        self.streams = {k: v for k, v in STREAMS.items() if k not in self.absent}

    def token(self, prefix, size):
        return prefix + "".join(self.random.choices("abcdefghijkmnpqrstuvwxyz0123456789", k=size))

    def text(self, size=0):
        """Lines with tokens; some in pairs, with and without an empty line between."""
        r = self.random
        lines = []
        size = size or r.choice((60, 300, 2000))
        while sum(map(len, lines)) + len(lines) < size:
            lines.append(r.choice((self.token("tok_", 12), self.token("key_", 8), "some words of a text",
                                   self.token("one_", 6) + "\n" + self.token("two_", 6),
                                   self.token("one_", 6) + "\n\n" + self.token("two_", 6), "", "x = 1")))
            if size > 10_000:
                lines += ["%08x some words that fill" % r.getrandbits(32) for _ in range(20)]
        return ("\n".join(lines) + r.choice(("", "\n", " "))).encode()

    def members(self, depth=0):
        r = self.random
        out = [(r.choice(("", "d/", "./e/", "../", "/")) + f"m{i}.{r.choice(('txt', 'py', 'pem', 'gz.txt'))}",
                self.text()) for i in range(r.randint(1, 3))]
        out.append((r.choice(("back\\slash.txt", "a\\b/c.txt", "\u00e9.txt", "sp ace.txt")), self.text()))
        if depth > 0:
            out += [(f"in{i}.{kind}", data) for i, (kind, data) in enumerate(self.some(depth - 1))]
        return out

    def some(self, depth):
        """One or two archives of any kind."""
        for _ in range(self.random.randint(1, 2)):
            yield self.one(self.random.choice(self.kinds()), depth)

    def kinds(self):
        return [*CONTAINERS, *self.streams, *("tar." + kind for kind in self.streams)]

    def one(self, kind, depth=0, size=0):
        """(extension, bytes)"""
        if kind in CONTAINERS:
            members = self.members(depth) + ([("large.txt", self.text(size))] if size else [])
            return kind, CONTAINERS[kind](members)
        if kind.startswith("tar."):
            return kind, self.streams[kind[4:]](self.one("tar", depth, size)[1])
        if depth > 0 and self.random.random() < 0.5:
            # A container in a stream whose name says nothing of it.
            return kind, self.streams[kind](self.one(self.random.choice(("tar", "zip", "a")), depth - 1)[1])
        return kind, self.streams[kind](self.text(size))

    def damaged(self, how, data, kind):
        r = self.random
        if how == "cut-1":
            return data[:-1]
        if how == "cut-9":
            return data[:-9]
        if how == "cut-half":
            return data[:len(data) // 2]
        if how.startswith("flip"):
            at = len(data) // 2 if how == "flip-middle" else len(data) - r.randint(1, 6)
            return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]
        if how == "trailing":
            return data + b"\n" + self.text()
        if how == "zeros":
            return data + bytes(64)
        if how == "leading":
            return b"#!/bin/sh\n" + self.text() + b"\n" + data
        if how == "twice":
            return data + self.one(kind)[1]
        if how == "empty":
            return CONTAINERS[kind]([]) if kind in CONTAINERS else b""
        return self.text() if how == "text" else data

    def name(self, shape, stem, kind):
        if shape == "none":
            return stem
        if shape.startswith("upper"):
            return f"{stem}.{kind.upper()}"
        if shape.startswith("wrong"):
            others = [other for other in self.kinds() if other.split(".")[-1] != kind.split(".")[-1]]
            return f"{stem}.{self.random.choice(others)}"
        return stem + "." + shape.format(kind)

    def tree(self, kind):
        """{path: bytes} of one kind in all its names, damages and depths."""
        files = {}
        for i, shape in enumerate(NAMES):
            files[self.name(shape, f"n{i}", kind)] = self.one(kind)[1]
        for how in DAMAGES:
            files[f"{how}.{kind}"] = self.damaged(how, self.one(kind)[1], kind)
        for depth in (1, 2, 3):
            files[f"depth{depth}.{kind}"] = self.one(kind, depth)[1]
        files[f"large.{kind}"] = self.one(kind, 0, 120_000)[1]
        if kind.startswith("tar.") or kind == "tar":
            files["inside.zip"] = zip_of([(f"in.{kind}", self.one(kind, 0, 120_000)[1])])
        return {path: data for path, data in files.items() if data}
