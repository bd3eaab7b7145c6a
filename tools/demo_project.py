#!/usr/bin/env python3
"""Writes a small, realistic project with planted synthetic secrets: demo_project.py FOLDER

The secrets are made at run time from a fixed seed, in the shapes that the providers publish, so no
token stands in this repository and none has ever been valid.
"""

import base64
import pathlib
import random
import sys
import zipfile
import zlib

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SEED = 20260101


class Maker:
    """Random strings in the alphabets of token formats."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, alphabet, length):
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def base62(self, length):
        return self.text(BASE62, length)

    def base64_bytes(self, count):
        return base64.b64encode(self.random.randbytes(count)).decode()

    def github_token(self):
        """`ghp_`, 30 random characters and a CRC-32 of them in base 62 (GitHub's token format)."""
        body = self.base62(30)
        checksum, digits = zlib.crc32(body.encode()), ""
        while len(digits) < 6:
            checksum, rest = divmod(checksum, 62)
            digits = BASE62[rest] + digits
        return "ghp" + "_" + body + digits


def files(make):
    account_key = make.base64_bytes(64)
    pem_body = make.base64_bytes(300)
    pem_lines = "\n".join(pem_body[i:i + 64] for i in range(0, len(pem_body), 64))
    kind = "PRIVATE " + "KEY"
    password = make.base62(20)
    return {
        "README.md": "# payments-api\n\nA demo service. Set `API_TOKEN=<your token>` before you start it.\n",
        "src/app.py": (
            "import os\n\nimport storage\n\n"
            "# The token comes from the environment, as it should.\n"
            "API_TOKEN = os.environ[\"API_TOKEN\"]\n\n\n"
            "def main():\n    storage.connect()\n"),
        "src/storage.py": (
            "CONNECTION = (\n"
            "    \"DefaultEndpointsProtocol=https;AccountName=paymentsdemo;\"\n"
            f"    \"AccountKey={account_key};EndpointSuffix=core.windows.net\"\n)\n"),
        ".github/workflows/release.yml": (
            "name: release\non: [push]\njobs:\n  release:\n    runs-on: ubuntu-latest\n    env:\n"
            f"      RELEASE_TOKEN: {make.github_token()}\n    steps:\n      - run: make release\n"),
        "deploy/values.yaml": (
            "database:\n  host: db.internal\n"
            f"  url: postgres://payments:{password}@db.internal:5432/payments\n"
            "  pool: 10\n"),
        "deploy/id_demo": f"-----BEGIN {kind}-----\n{pem_lines}\n-----END {kind}-----\n",
        "tests/test_storage.py": (
            "# A placeholder: no scanner should cry about it.\n"
            "TOKEN = \"your-token-here\"\nPASSWORD = \"${DB_PASSWORD}\"\n"),
        "notebooks/explore.txt": (
            "curl -H 'Authorization: token "
            + base64.b64encode(make.github_token().encode()).decode() + "' https://example.com/\n"),
    }


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: demo_project.py FOLDER")
    root = pathlib.Path(sys.argv[1])
    make = Maker(SEED)
    for name, content in files(make).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    # What other scanners pass by: a UTF-16 file and a file inside an archive.
    windows = f"[npm]\r\nregistry=https://registry.example\r\ntoken={make.github_token()}\r\n"
    (root / "windows").mkdir(exist_ok=True)
    (root / "windows/settings.ini").write_bytes(windows.encode("utf-16"))
    with zipfile.ZipFile(root / "backup.zip", "w") as archive:
        member = zipfile.ZipInfo("config/.env", date_time=(2026, 1, 1, 0, 0, 0))
        archive.writestr(member, f"GITHUB_TOKEN={make.github_token()}\n")


if __name__ == "__main__":
    main()
