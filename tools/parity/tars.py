"""Tars for the comparison with gitleaks: every format and header field, whole and damaged, from a seed.

A case is a tar of a few members with one thing, or two, that is odd: a field of a header, a record of a pax
header, a long name, the map of a sparse file, a block too many or too few, a bit. Each comes as it is, below a
compression, and inside of another archive with a member behind it, which shows whether gitleaks's reader came to the
end.
"""

import random

BLOCK = 512
# Name, place, bytes: of USTAR; GNU and STAR have other fields from 345 on, and V7 nothing from 257 on.
FIELDS = (("name", 0, 100), ("mode", 100, 8), ("uid", 108, 8), ("gid", 116, 8), ("size", 124, 12), ("mtime", 136, 12),
          ("checksum", 148, 8), ("type", 156, 1), ("link", 157, 100), ("magic", 257, 6), ("version", 263, 2),
          ("uname", 265, 32), ("gname", 297, 32), ("major", 329, 8), ("minor", 337, 8), ("prefix", 345, 155),
          ("atime", 345, 12), ("ctime", 357, 12), ("star-atime", 476, 12), ("star-ctime", 488, 12), ("end", 500, 12),
          ("trailer", 508, 4))
FORMATS = {"v7": b"", "ustar": b"ustar\x0000", "gnu": b"ustar  \0", "star": b"ustar\x0000"}
TYPES = [bytes([c]) for c in b"\x0001234567ADMNVSXgxLKZIl "] + [b"\xff", b"\x80"]
NUMBERS = (b"0000000", b"7777777", b"1", b" 12 ", b"12\0junk", b"12 34", b"-1", b"+1", b"8", b"9", b"0x1", b"1x", b"x1",
           b"\x80\0\0\0\0\0\0\x12", b"\xff" * 8, b"\xff" * 12, b"\x80" + b"\0" * 11, b"\x80" + b"\x7f" * 11,
           b"\xc0" + b"\0" * 11, b"\xbf" + b"\xff" * 11, b"", b"        ", b"\0" * 12, b"77777777777\0", b"99999999999\0",
           b"777777777777", b"000000000022", b"\x80\0\0\0\0\0\0\0\0\0\0\x12", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xee",
           b"\x00\x00\x0022\0", b"22\0\0", b"     22 \0")
TEXTS = (b"", b"/", b"a/", b"a//b", b"../up", b"/abs", b".", b"..", b"in.gz", b"in.zip", b"in.tar", b"in.tar.gz", b"x.pem",
         b"\xff\xfe", b"\xc3\xa9.txt", b"a\0b", b"a" * 300, b"d/" * 60 + b"f", b"back\\slash", b"sp ace", b"ustar", b"ustar\0")
MODES = (b"0000644\0", b"0040755\0", b"0100644\0", b"0120777\0", b"0060644\0", b"1040755\0", b"0004755\0", b"\x80\0\0\0\0\0\x41\xed")
KEYS = (b"path", b"linkpath", b"size", b"uid", b"gid", b"uname", b"gname", b"mtime", b"atime", b"ctime", b"charset",
        b"comment", b"hdrcharset", b"SCHILY.xattr.a", b"SCHILY.realsize", b"LIBARCHIVE.creationtime", b"GNU.sparse.size",
        b"GNU.sparse.realsize", b"GNU.sparse.name", b"GNU.sparse.major", b"GNU.sparse.minor", b"GNU.sparse.map",
        b"GNU.sparse.numblocks", b"GNU.sparse.offset", b"GNU.sparse.numbytes", b"", b"a\0b", b"K")
VALUES = (b"", b"0", b"1", b"-1", b"+1", b"18", b" 18", b"18 ", b"x", b"1.5", b"1.", b".5", b"-1.5", b"1.2.3", b"1e5", b"1_0",
          b"9999999", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"a\0b", b"\xff\0\xfe", b"=",
          b"a=b", b"q.txt", b"dir/", b"/abs", b"0,5", b"0,5,", b"0,5,10,3", b"5,0", b"0,5,3,1", b"new\nline", b"0x10", b"007")


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def checked(block, signed=False):
    block = block[:148] + b" " * 8 + block[156:]
    total = sum(b - 256 if signed and b > 127 else b for b in block)
    return block[:148] + (b"%06o\0 " % total if total >= 0 else b"-1\0     ") + block[156:]


def put(block, at, data):
    return block[:at] + data + block[at + len(data):]


def record(key, value):
    body = b" " + key + b"=" + value + b"\n"
    size = len(body) + 1
    while len(b"%d" % size) + len(body) != size:
        size = len(b"%d" % size) + len(body)
    return b"%d" % size + body


class Tars:
    """All cases of one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def token(self, prefix, size):
        return prefix + "".join(self.random.choices("abcdefghijkmnpqrstuvwxyz0123456789", k=size))

    def text(self):
        r = self.random
        size = r.choice((0, 18, 60, 511, 512, 513, 1024, 3000, 3000 if r.random() < 0.97 else 120_000))
        lines = []
        while sum(map(len, lines)) + len(lines) < size:
            lines.append(r.choice((self.token("tok_", 12), self.token("key_", 8), "some words", "")))
            if size > 10_000:
                lines += ["%08x some words that fill" % r.getrandbits(32) for _ in range(30)]
        return ("\n".join(lines) + "\n" * (size > 0)).encode()

    def header(self, name, size, kind=b"0", form=None):
        form = form or self.random.choice(list(FORMATS))
        block = put(bytes(BLOCK), 0, name[:100])
        for at, value in ((100, b"0000644\0"), (108, b"0000000\0"), (116, b"0000000\0"), (124, b"%011o\0" % size),
                          (136, b"00000000000\0"), (156, kind), (257, FORMATS[form])):
            block = put(block, at, value)
        if form != "v7":
            block = put(put(block, 329, b"0000000\0"), 337, b"0000000\0")
        if form == "star":
            block = put(put(put(block, 476, b"00000000000\0"), 488, b"00000000000\0"), 508, b"tar\0")
        return checked(block)

    def member(self, name=None, data=None, kind=b"0", form=None):
        data = self.text() if data is None else data
        return self.header(name or b"m%d.txt" % self.random.randrange(100), len(data), kind, form) + padded(data)

    # ---- what is odd -----------------------------------------------------------------------------------------------

    def odd_field(self, name):
        """A member of which this field of the header is something else."""
        r = self.random
        at, size = next((at, size) for field, at, size in FIELDS if field == name)
        member = self.member()
        if name == "type":
            value = r.choice(TYPES)
        elif name == "mode" and r.random() < 0.5:
            value = r.choice(MODES)
        elif name in ("name", "link", "uname", "gname", "prefix") and r.random() < 0.7:
            value = r.choice(TEXTS)
        elif name in ("magic", "version", "trailer") and r.random() < 0.6:
            value = r.choice((b"USTAR\0", b"ustar ", b"ustar\0", b"  \0", b" \0", b"00", b"99", b"tar\0", b"tar ", b"\0\0\0"))
        else:
            value = r.choice(NUMBERS)
        block = member[:BLOCK]
        if r.random() < 0.2:
            place = at + r.randrange(size)
            block = put(block, place, bytes([block[place] ^ 1 << r.randrange(8)]))
        elif r.random() < 0.1:
            block = put(block, at, bytes([r.choice((0, 32, 255, 120))]) * size)
        else:
            block = put(block, at, value[:size].ljust(size, r.choice((b"\0", b"\0", b" "))))
        if name != "checksum" and r.random() < 0.9:
            block = checked(block, signed=r.random() < 0.3)
        return block + member[BLOCK:]

    def records(self):
        """The body of a pax header."""
        r = self.random
        body = b"".join(record(r.choice(KEYS), r.choice(VALUES)) for _ in range(r.choice((1, 1, 2, 3))))
        damage = r.random()
        if damage < 0.25:
            body = r.choice((b"99 path=abc\n", b"0 path=abc\n", b"-5 path=x\n", b" path=abc\n", b"11 pathabc\n", b"12 path=abcX",
                             b"junk junk\n", body + b"zzz", body + b"\0\0", b"+12 path=abc\n", b"012 path=abc\n", body[:-1],
                             body[1:], b"", b"4 =\n", b"5 k=\n", b"5 =v\n", b"\n", b"6 k\n=\n", b"18446744073709551622 k=v\n"))
        elif damage < 0.3:
            at = r.randrange(len(body))
            body = body[:at] + bytes([r.randrange(256)]) + body[at + 1:]
        elif damage < 0.31:
            body += record(b"comment", r.randbytes(r.choice((1_048_000, 1_048_576, 1_100_000))))
        return body

    def odd_records(self):
        r = self.random
        head = self.member(b"PaxHeaders/x", self.records(), r.choice((b"x", b"x", b"x", b"g", b"X")), r.choice(("ustar", "ustar", "gnu")))
        if r.random() < 0.2:
            head += self.odd_records()
        return head if r.random() < 0.1 else head + self.member()

    def odd_long_name(self):
        r = self.random
        body = r.choice((*TEXTS, b"long2.txt\0", b"n\0rest", b"q" * 600, bytes(r.choices(b"abcdefghijklmnop", k=1 << 20 if r.random() < 0.1 else 5))))
        head = self.member(b"././@LongLink", body, r.choice((b"L", b"L", b"K")), r.choice(("gnu", "gnu", "ustar", "v7")))
        if r.random() < 0.3:
            head += r.choice((self.odd_long_name, self.odd_records))()
        return head if r.random() < 0.1 else head + self.member()

    def map_of(self, data):
        """Where runs of the data stand in a file with holes, its size, and the data stored."""
        r = self.random
        runs, at, stored, place = [], 0, b"", 0
        while place < len(data) and len(runs) < 40:
            at += r.choice((0, 1, 512, 1000))
            size = min(r.choice((20, 512, 700, 4000)), len(data) - place)
            runs.append((at, size))
            stored += data[place:place + size]
            place, at = place + size, at + size
        size = at + r.choice((0, 0, 1, 600, 120_000 if r.random() < 0.05 else 0))
        runs += [(size, 0)] * r.choice((0, 1))
        oddity = r.random()
        if runs and oddity < 0.4:
            i = r.randrange(len(runs))
            begin, count = runs[i]
            runs[i] = r.choice(((begin + 1, count), (begin, count + 1), (begin, max(count - 1, 0)), (begin, -1), (-1, count),
                                (begin, 1 << 62), (max(begin - 1, 0), count), (1 << 63, 1)))
        elif oddity < 0.5:
            size += r.choice((-1, 1, -size, -size - 1, 1 << 21 if r.random() < 0.1 else 7))
        elif oddity < 0.6:
            stored = r.choice((stored + b"x" * r.choice((1, 30, 512)), stored[:-1], stored[:len(stored) // 2], b""))
        return runs, size, stored

    def odd_sparse(self):
        r = self.random
        runs, size, stored = self.map_of(self.text())
        kind = r.choice(("old", "0.0", "0.1", "1.0", "1.0"))
        if kind == "old":
            return self.old_sparse(runs, size, stored)
        known = [(b"GNU.sparse.major", kind[0].encode()), (b"GNU.sparse.minor", kind[2].encode())] if r.random() < 0.8 else []
        known += [(b"GNU.sparse.name", r.choice((b"sparse.txt", b"s/", b"in.tar")))] * r.choice((0, 1))
        known += [(r.choice((b"GNU.sparse.realsize", b"GNU.sparse.size")), b"%d" % size)] * r.choice((0, 1, 1, 1))
        count = b"%d" % (len(runs) + r.choice((0, 0, 0, 0, 1, -1)))
        if kind == "1.0":
            numbers = [count, *(b"%d" % n for run in runs for n in run)]
            stored = padded(b"".join(n + b"\n" for n in numbers)) + stored
        elif kind == "0.1":
            known += [(b"GNU.sparse.numblocks", count), (b"GNU.sparse.map", b",".join(b"%d,%d" % run for run in runs))]
        else:
            known += [(b"GNU.sparse.numblocks", count)]
            for begin, length in runs:
                known += [(b"GNU.sparse.offset", b"%d" % begin), (b"GNU.sparse.numbytes", b"%d" % length)]
        if known and r.random() < 0.15:
            del known[r.randrange(len(known))]
        if r.random() < 0.1:
            r.shuffle(known)
        body = b"".join(record(*pair) for pair in known)
        return self.member(b"PaxHeaders/s", body, b"x", "ustar") + self.member(b"s.txt", stored, r.choice((b"0", b"0", b"7", b"2", b"5")))

    def old_sparse(self, runs, size, stored):
        r = self.random

        def number(value):
            return b"%011o\0" % value if 0 <= value < 1 << 33 else b"\x80" + (value & (1 << 87) - 1).to_bytes(11, "big")
        pairs = [number(begin) + number(count) for begin, count in runs]
        block = self.header(b"old.txt", len(stored), b"S", r.choice(("gnu", "gnu", "gnu", "gnu", "ustar", "star", "v7")))
        block = put(block, 386, b"".join(pairs[:4]))
        rest = pairs[4:]
        blocks = b""
        while rest or r.random() < 0.1:
            blocks += b"".join(rest[:21]).ljust(504, b"\0") + bytes([len(rest) > 21]) + bytes(7)
            rest = rest[21:]
        if blocks and r.random() < 0.9:
            block = put(block, 482, b"\1")
        if r.random() < 0.95:
            block = put(block, 483, number(size))
        return checked(block) + blocks + padded(stored)

    # ---- whole tars ------------------------------------------------------------------------------------------------

    def bent(self, data):
        """The same with something cut, put in or turned anywhere."""
        r = self.random
        how = r.randrange(9)
        at = r.randrange(len(data) + 1)
        block_at = at // BLOCK * BLOCK
        if how == 0:
            return data[:at]
        if how == 1:
            return data[:block_at]
        if how == 2:
            return data[:block_at] + bytes(BLOCK * r.choice((1, 1, 2, 3))) + data[block_at:]
        if how == 3:
            return data[:block_at] + b"junk in a block ".ljust(BLOCK) + data[block_at:]
        if how == 4:
            return data[:block_at] + data[block_at + BLOCK:]
        if how == 5 and at < len(data):
            return data[:at] + bytes([data[at] ^ 1 << r.randrange(8)]) + data[at + 1:]
        if how == 6:
            return data + r.choice((bytes(5), bytes(700), b"tok_behindbehind\n" * 40, self.plain()))
        if how == 7:
            return data[:at] + b"x" + data[at:]
        return data[:block_at] + r.choice((b"\0", b" ")) * 100 + data[block_at:]

    def plain(self):
        return b"".join(self.member() for _ in range(self.random.randint(1, 3))) + bytes(1024)

    def case(self, number):
        """(what is odd, the tar)"""
        r = self.random
        names = [f"field-{name}" for name, _, _ in FIELDS] + ["records"] * 8 + ["longname"] * 3 + ["sparse"] * 8 + ["bent"] * 6
        name = names[number % len(names)]
        if name == "bent":
            odd = b""
        elif name.startswith("field-"):
            odd = self.odd_field(name.removeprefix("field-"))
        else:
            odd = {"records": self.odd_records, "longname": self.odd_long_name, "sparse": self.odd_sparse}[name]()
        data = self.member() * (r.random() < 0.7) + odd + self.member()
        data += r.choice((bytes(1024), bytes(1024), bytes(10_240), bytes(512), b"", bytes(700)))
        return name, self.bent(data) if name == "bent" or r.random() < 0.15 else data
