#!/usr/bin/env python3
"""Checks each rule's true and false examples with a gitleaks binary.

    tools/evaluate/examples.py GITLEAKS rules/secrets

Templates are expanded as docs/rules-secrets.md says, so no complete fake token is ever committed.
Last line: `N passed, N failed`; exit 1 when one failed, 2 when it could not run.
"""
import json, pathlib, random, re, subprocess, sys, tempfile, tomllib, uuid, zlib, base64

UPPER, LOWER, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
BASE62 = DIGITS + UPPER + LOWER
ALPHABETS = {
    "alnum": BASE62, "hex": DIGITS + "abcdef", "digits": DIGITS, "upper": UPPER, "lower": LOWER,
    "letters": UPPER + LOWER, "upnum": UPPER + DIGITS, "lownum": LOWER + DIGITS,
    "base64": BASE62 + "+/", "base64plain": BASE62, "b64url": BASE62 + "-_",
    "base32": UPPER + "234567", "base32lower": LOWER + "234567",
    "bech32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}


def base62(number, width):
    text = ""
    while number:
        number, rest = divmod(number, 62)
        text = BASE62[rest] + text
    return text.rjust(width, "0")


def generate(name, argument, random_source):
    if name in ALPHABETS:
        return "".join(random_source.choices(ALPHABETS[name], k=int(argument)))
    if name == "repeat":
        character, count = argument.split(":")
        return character * int(count)
    if name == "dashes":
        return "-" * 5
    if name == "uuid":
        return str(uuid.UUID(int=random_source.getrandbits(128), version=4))
    if name == "crc32-base62":
        prefix, count = argument.split(":")
        body = "".join(random_source.choices(BASE62, k=int(count)))
        return prefix + body + base62(zlib.crc32(body.encode()), 6)
    if name == "jwt":
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        header = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
        claims = {"iss": argument, "sub": "system:serviceaccount:shop:web",
                  "aud": argument + "/serviceaccount", "exp": 1900000000}
        if argument == "kubernetes":
            claims["iss"] = "kubernetes/serviceaccount"
        return f"{header}.{part(claims)}." + generate("b64url", "86", random_source)
    raise ValueError(f"unknown generator {{{name}}}")


def expand(template, seed):
    source = random.Random(seed)
    token = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9-]*)(?::([^{}]*))?\}")
    return token.sub(lambda m: m.group()[0] if not m.group(1) else
                     generate(m.group(1), m.group(2) or "", source), template)


def file_name(path):
    """A name that a path rule accepts; the few shapes that our path expressions have."""
    if not path:
        return "example.txt"
    for name in ("x.tfstate", "x.tf", ".pypirc", ".pgpass", "master.key", "sftp.json", ".env"):
        if re.search(path, name):
            return name
    raise ValueError(f"no file name known for {path}")


def main(gitleaks, folder):
    text = "".join(p.read_text() for p in sorted(pathlib.Path(folder).glob("*.toml")))
    rules = tomllib.loads(text)["rules"]
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        (root / "pack.toml").write_text(text)
        cases = {}
        for rule in rules:
            for expected in ("true", "false"):
                for i, template in enumerate(rule["merlon"][expected]):
                    place = root / "tree" / rule["id"] / f"{expected}-{i}"
                    place.mkdir(parents=True)
                    name = place / file_name(rule.get("path"))
                    name.write_text(expand(template, f"{rule['id']}{expected}{i}") + "\n")
                    cases[str(name)] = (rule["id"], expected == "true", template)
        report = root / "report.json"
        run = subprocess.run([gitleaks, "dir", str(root / "tree"), "-c", str(root / "pack.toml"),
                              "-f", "json", "-r", str(report), "--no-banner", "-l", "error",
                              "--exit-code", "0"])
        if run.returncode != 0:
            return 2
        found = {(f["File"], f["RuleID"]) for f in json.loads(report.read_text())}
    failed = 0
    for name, (rule, expected, template) in cases.items():
        if ((name, rule) in found) != expected:
            failed += 1
            print(f"{rule}: {'missed' if expected else 'wrongly found'}: {template}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(sys.argv[1], sys.argv[2]))
