"""Inputs for the comparison with gitleaks: random trees with random rules, from a seed.

The texts aim at what two scanners are most likely to see differently: pieces around gitleaks's
read sizes, broken UTF-8, carriage returns, NULs, encodings inside encodings, allowlists of every
kind, companion rules, archives. Secrets are random words; none belongs to a provider.
"""

import base64
import gzip
import bz2
import io
import lzma
import os
import random
import string
import tarfile
import zipfile

WORDS = ("alpha", "bravo", "token", "secret", "config", "user", "password", "api", "key",
         "server", "value", "path", "true", "null", "example", "Kelvin", "access")
EDGES = (4095, 4096, 4097, 99_999, 100_000, 100_001, 104_095, 104_096, 104_097, 124_999,
         125_000, 125_001, 200_000, 225_000)


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def word(self, low=3, high=10, letters=string.ascii_lowercase):
        return "".join(self.random.choices(letters, k=self.random.randint(low, high)))

    def chance(self, share):
        return self.random.random() < share

    # ---- rules -------------------------------------------------------------------------------

    def rule(self, number):
        r = self.random
        prefix = r.choice(("tok", "SEC", "kEy", "gen", "ab_", "x-", "sk")) + self.word(1, 3)
        body = r.choice((r"[a-z0-9]{8,20}", r"[A-Za-z0-9_\-]{10,40}", r"\w{6,}", r"[0-9a-f]{16}",
                         r"\S{8,30}", r".{5,15}", r"[^\s\"']{6,24}"))
        shapes = [prefix + body, rf"\b{prefix}({body})\b", rf"(?i){prefix}[=:_ ]{{0,3}}({body})",
                  rf"(?i)(?:{prefix}|{self.word()})\s*[:=]\s*[\"']?({body})[\"']?(?:\s|$|;)",
                  rf"(?m)^{prefix}({body})$", rf"({prefix})({body})(x)?", rf"{prefix}\n({body})",
                  rf"\n?{prefix}{body}\n?", rf"(?s){prefix}.{{0,20}}?end", rf"{prefix}{body}$",
                  rf"^{prefix}{body}"]
        shape = r.randrange(len(shapes))
        rule = {"id": f"{r.choice(('generic', 'rule', 'Generic', 'acme'))}-{number}",
                "description": f"Rule {number} <&> \"quoted\"", "regex": shapes[shape],
                "prefix": prefix}
        groups = {0: 0, 1: 1, 2: 1, 3: 1, 4: 1, 5: 3, 6: 1}.get(shape, 0)
        if groups and self.chance(0.3):
            rule["secretGroup"] = r.randint(1, groups)
        if self.chance(0.7):
            rule["keywords"] = [prefix if self.chance(0.7) else prefix.upper()]
            if self.chance(0.2):
                rule["keywords"].append(self.word())
        if self.chance(0.4):
            rule["entropy"] = r.choice((1, 2.5, 3.0, 3.5, 4.2))
        if self.chance(0.15):
            rule["path"] = r.choice((r"\.txt$", r"(?i)conf", r"dir\d", r"[^/]+\.py"))
        if self.chance(0.05):
            rule["path"] = r.choice((r"\.env$", r"\.bin$", r"a"))
            del rule["regex"]
            rule.pop("secretGroup", None)
        if self.chance(0.3):
            rule["tags"] = [self.word() for _ in range(r.randint(1, 3))]
        if self.chance(0.1):
            rule["skipReport"] = True
        rule["allowlists"] = [self.allowlist() for _ in range(r.choice((0, 0, 0, 1, 2)))]
        rule["required"] = []
        return rule

    def allowlist(self):
        r = self.random
        allow = {}
        if self.chance(0.5):
            allow["regexes"] = [r.choice((r"(?i)^a", r"[0-9]{4}", r"z", r"example", r"^.{1,14}$"))
                                for _ in range(r.randint(1, 2))]
            if self.chance(0.6):
                allow["regexTarget"] = r.choice(("match", "line", "secret"))
        if self.chance(0.4) or not allow:
            allow["stopwords"] = [self.word(2, 3), r.choice(WORDS)]
        if self.chance(0.3):
            allow["paths"] = [r.choice((r"skip", r"\.md$", r"dir2/", r"(?i)TEST"))]
        if self.chance(0.1):
            allow["commits"] = ["a" * 40]
        if self.chance(0.4):
            allow["condition"] = r.choice(("AND", "OR", "&&", "or"))
        return allow

    def rules(self):
        rules = [self.rule(i) for i in range(self.random.randint(1, 8))]
        for rule in rules:
            others = [o for o in rules if o is not rule]
            if others and "regex" in rule and self.chance(0.15):
                needed = {"id": self.random.choice(others)["id"]}
                if self.chance(0.6):
                    needed["withinLines"] = self.random.randint(0, 10)
                if self.chance(0.3):
                    needed["withinColumns"] = self.random.randint(0, 60)
                rule["required"].append(needed)
        allow = [self.allowlist() for _ in range(self.random.choice((0, 0, 1, 2)))]
        return rules, allow

    def toml(self, rules, allow):
        out = ['title = "generated"']
        for a in allow:
            out.append("[[allowlists]]")
            out += self.fields(a)
            if self.chance(0.2):
                out.append(f"targetRules = [{quote(self.random.choice(rules)['id'])}]")
        for rule in rules:
            out.append("[[rules]]")
            plain = {k: v for k, v in rule.items() if k not in ("allowlists", "required", "prefix")}
            out += self.fields(plain)
            for a in rule["allowlists"]:
                out.append("[[rules.allowlists]]")
                out += self.fields(a)
            for needed in rule["required"]:
                out.append("[[rules.required]]")
                out += self.fields(needed)
        return "\n".join(out) + "\n"

    @staticmethod
    def fields(table):
        return [f"{key} = {quote(value)}" for key, value in table.items()]

    # ---- texts -------------------------------------------------------------------------------

    def planted(self, rules):
        r = self.random
        rule = r.choice(rules)
        body = self.word(6, 28, r.choice((string.ascii_lowercase + string.digits,
                                          string.ascii_letters + string.digits + "_-",
                                          "0123456789abcdef", "aab"))) if self.chance(0.7) else (
            self.word(16, 16, "0123456789abcdef"))
        if self.chance(0.1):
            body += "é" + self.word(3, 8)
        text = rule["prefix"] + r.choice(("", "", "=", ": ", "\n", " = \"")) + body
        if self.chance(0.1):
            text = text.upper()
        if self.chance(0.1):
            text += " end"
        for _ in range(r.choice((0, 0, 0, 1, 1, 2, 3))):
            text = self.encode(text)
        return text

    def encode(self, text):
        kind = self.random.randrange(6)
        data = text.encode()
        if kind == 0:
            return base64.b64encode(data).decode()
        if kind == 1:
            return base64.urlsafe_b64encode(data).decode().rstrip("=")
        if kind == 2:
            return data.hex()
        if kind == 3:
            return "".join(f"%{b:02{'xX'[self.chance(0.5)]}}" for b in data)
        if kind == 4:
            return "".join(f"\\u{ord(c):04x}" for c in text)
        return " ".join(f"U+{ord(c):04X}" for c in text)

    def line(self, rules):
        r = self.random
        parts = [r.choice(WORDS) for _ in range(r.randint(0, 8))]
        if self.chance(0.5):
            parts.insert(r.randint(0, len(parts)), self.planted(rules))
        if self.chance(0.02):
            parts.append("# gitleaks:allow")
        return r.choice((" ", " ", "=", "\t", ", ")).join(parts)

    def text(self, rules):
        r = self.random
        end = r.choice(("\n", "\n", "\n", "\r\n", "\n\n", "\r"))
        if self.chance(0.2):
            size = r.choice(EDGES) + r.randint(-40, 40)
            blank = self.chance(0.5)
        else:
            size = r.randint(1, 3000)
            blank = True
        lines, length = [], 0
        filler = " ".join(r.choice(WORDS) for _ in range(40))
        while length < size:
            line = self.line(rules) if size < 5000 or self.chance(0.05) else filler
            if blank and self.chance(0.02):
                line += end
            lines.append(line)
            length += len(line) + len(end)
        content = end.join(lines)
        if self.chance(0.7):
            content += end
        data = content.encode()
        if self.chance(0.15):
            data = bytearray(data)
            for _ in range(r.randint(1, 20)):
                at = r.randrange(len(data) + 1)
                data[at:at] = r.choice((b"\xff", b"\xc3", b"\xe2\x82", b"\x00", b"\xed\xa0\x80",
                                        b"\xf0\x9f\x98\x80", "\u212a\u017f".encode(), b"\x85"))
            data = bytes(data)
        if self.chance(0.03):
            data = r.choice((b"%PDF-1.4\n", b"PK\x03\x04", b"\x7fELF", b"\x1f\x8b\x08", b"GIF89a",
                             b"\x89PNG\r\n\x1a\n", b"{\\rtf", b"BM", b"!<arch>\n", b"SQLite")) + data
        return data[:300_000]

    def archive(self, rules, depth=0):
        """Returns (extension, bytes) of an archive with one to three members."""
        r = self.random
        kind = r.choice(("zip", "stored.zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "gz", "bz2", "xz"))
        if kind in ("gz", "bz2", "xz"):
            data = self.text(rules)
            packed = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[kind](data)
            return kind, packed
        members = []
        for i in range(r.randint(1, 3)):
            if depth < 2 and self.chance(0.2):
                extension, data = self.archive(rules, depth + 1)
                members.append((f"inner{i}.{extension}", data))
            else:
                members.append((r.choice(("", "d/", "./e/")) + f"member{i}.{r.choice(('txt', 'py'))}",
                                self.text(rules)))
        out = io.BytesIO()
        if kind.endswith("zip"):
            method = zipfile.ZIP_STORED if kind.startswith("stored") else zipfile.ZIP_DEFLATED
            with zipfile.ZipFile(out, "w", method) as z:
                for name, data in members:
                    z.writestr(zipfile.ZipInfo(name), data, method)
        else:
            mode = {"tar": "w", "tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}[kind]
            with tarfile.open(fileobj=out, mode=mode) as t:
                for name, data in members:
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    t.addfile(info, io.BytesIO(data))
        return kind, out.getvalue()

    def write_tree(self, folder):
        """Writes tree/ and config.toml below `folder`; returns the flags to scan it with."""
        r = self.random
        rules, allow = self.rules()
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "config.toml"), "w", encoding="utf-8") as f:
            f.write(self.toml(rules, allow))
        for i in range(r.randint(1, 8)):
            place = os.path.join(folder, "tree", r.choice(("", "", "dir1", "dir2/sub", "skip", "é")))
            os.makedirs(place, exist_ok=True)
            if self.chance(0.2):
                extension, data = self.archive(rules)
            else:
                extension, data = r.choice(("txt", "py", "md", "env", "bin", "conf")), self.text(rules)
            with open(os.path.join(place, f"file{i}.{extension}"), "wb") as f:
                f.write(data)
        if self.chance(0.1):
            os.symlink("file0.txt", os.path.join(folder, "tree", "link.txt"))
        flags = []
        if self.chance(0.6):
            flags.append(f"--max-archive-depth={r.randint(1, 4)}")
        if self.chance(0.3):
            flags.append(f"--max-decode-depth={r.randint(0, 6)}")
        if self.chance(0.15):
            flags.append(r.choice(("--redact", "--redact=0", "--redact=33", "--redact=100")))
        if self.chance(0.1):
            flags.append("--ignore-gitleaks-allow")
        if self.chance(0.1):
            flags.append("--follow-symlinks")
        if self.chance(0.05):
            flags.append(f"--enable-rule={r.choice(rules)['id']}")
        return flags


def quote(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(quote(v) for v in value) + "]"
    return "'''" + value + "'''"
