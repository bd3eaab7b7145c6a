"""Reading reports of gitleaks's formats, and comparing them as multisets."""

import base64
import collections
import csv
import io
import json
import re
import xml.etree.ElementTree

import archives


def canonical(row):
    """One finding as text over all its keys, entropy to four decimals."""
    row = dict(row)
    if "Entropy" in row:
        row["Entropy"] = f"{row['Entropy']:.4f}"
    return json.dumps(row, sort_keys=True, ensure_ascii=True)


def json_rows(data):
    return collections.Counter(canonical(row) for row in json.loads(data or b"[]"))


def csv_rows(data):
    text = data.decode("utf-8", "surrogateescape")
    return collections.Counter(repr(r) for r in csv.reader(io.StringIO(text, newline="")))


def sarif_rows(data):
    document = json.loads(data)
    run = document["runs"][0]
    rows = collections.Counter(json.dumps(r, sort_keys=True) for r in run.pop("results"))
    rows[json.dumps(document, sort_keys=True)] += 1
    return rows


def junit_rows(data):
    """Sorted by test case; the bytes between them are compared as they are."""
    xml.etree.ElementTree.fromstring(data)
    pieces = data.split(b"\n\t\t<testcase ")
    return collections.Counter([pieces[0]] + [p.removesuffix(b"</testsuites>").rstrip()
                                              .removesuffix(b"</testsuite>").rstrip()
                                              for p in pieces[1:]])


def template_rows(data):
    data = re.sub(rb"\d\d:\d\d:\d\d UTC", b"(time) UTC", data)
    return collections.Counter(line.rstrip(b",") for line in data.split(b"\n"))


READERS = {"json": json_rows, "csv": csv_rows, "sarif": sarif_rows, "junit": junit_rows,
           "template": template_rows}


def rows_of(kind, data):
    if data is None:
        return collections.Counter()
    return READERS[kind](data)


def difference(peer_rows, our_rows):
    """(equal, missing, extra) as (number, Counter, Counter)."""
    missing = peer_rows - our_rows
    extra = our_rows - peer_rows
    return sum((peer_rows & our_rows).values()), missing, extra


# ---- differences that are explained --------------------------------------------------------------
# Each is described, with the smallest case and gitleaks's output, in docs/compat-gitleaks.md,
# "Explained differences"; EXPLAINED_CASES are those cases.

DECODE_TAG = re.compile(r"decoded:[a-z0-9]+|decode-depth:\d+")


def decode_tags(row):
    return tuple(DECODE_TAG.findall(row if isinstance(row, str) else row.decode("utf-8", "replace")))


def without_decode_tags(row):
    return DECODE_TAG.sub("", row if isinstance(row, str) else row.decode("utf-8", "replace"))


def shares_tags(missing, extra, peer_rows, **_):
    """gitleaks's findings of one rule share the room behind the rule's tags: the last one writes for all.

    So each missing row is an extra one but for the tags of decoding, which are those of another finding."""
    plain = [collections.Counter(), collections.Counter()]
    for rows, counter in zip((missing, extra), plain):
        for row, count in rows.items():
            counter[without_decode_tags(row)] += count
    if not missing or plain[0] != plain[1]:
        return False
    seen = collections.Counter(decode_tags(row) for row in peer_rows.elements())
    return all(decode_tags(row) and seen[decode_tags(row)] > 1 for row in missing)


def takes_escape_e(peer, ours, **_):
    """gitleaks's TOML reader takes the escape \\e, which TOML 1.0 does not have."""
    return b"escape sequence '\\e' is not supported in TOML 1.0.0" in ours.errors and ours.code == 1


GITLEAKS_FAILURE = re.compile(rb"ERR .*?path=(?:\"([^\"]*)\"|(\S+))")
COLOUR = re.compile(rb"\x1b\[\d*m")


def reads_what_gitleaks_cannot(missing, extra, peer, **_):
    """gitleaks says that it could not read a file, and passes; Merlon reads it and has no reason to complain."""
    failed = {(quoted or plain).decode("utf-8", "replace")
              for quoted, plain in GITLEAKS_FAILURE.findall(COLOUR.sub(b"", peer.errors))}
    files = {json.loads(row)["File"] for row in extra}
    return bool(files) and not missing and all(
        any(file == path or file.startswith(path + "!") for path in failed) for file in files)


WHERE_CUT = ("StartLine", "EndLine", "StartColumn", "EndColumn", "Match", "Line", "Fingerprint", "Link")
EMPTY_LINE = re.compile(r"\n[ \t\r]*\n")


def only_cut_elsewhere(pattern, missing, extra, peer, ours):
    """The same secrets in the same files below `pattern`, at other places in the lines. Pieces are cut at empty lines:
    what spans one, or begins a line and may have ^ before it, may be on one side alone. The exit codes are the same."""
    def whole(rows):
        found = [json.loads(row) for row in rows.elements()]
        return collections.Counter(
            json.dumps({key: value for key, value in row.items() if key not in WHERE_CUT}, sort_keys=True)
            for row in found if row["StartColumn"] > 2 and not EMPTY_LINE.search(row["Match"]))
    files = [json.loads(row)["File"] for row in (*missing, *extra)]
    return (bool(files) and ours.code == peer.code and all(re.search(pattern, file, re.I) for file in files)
            and whole(missing) == whole(extra))


def cuts_7z_and_rar(missing, extra, peer, ours, **_):
    """gitleaks cuts members of a 7z or RAR where its readers' buffers end; Merlon cuts them as files."""
    return only_cut_elsewhere(r"\.(7z|rar)[^/!]*!", missing, extra, peer, ours)


def cuts_zst(missing, extra, peer, ours, **_):
    """Where gitleaks cuts what it unpacks from zstd depends on the timing of its threads: no smallest case."""
    return only_cut_elsewhere(r"\.zst[^/!]*(!|$)", missing, extra, peer, ours)


NOT_SCANNED = re.compile(rb"^WRN (.*?): not scanned: (.*)", re.M)


def told_damages(ours):
    """What ours says that it could not read, whole archives of it."""
    return {path.decode("utf-8", "replace").split("!")[0] for path, _ in NOT_SCANNED.findall(ours.errors)}


def drops_another_piece_of_a_rar(missing, extra, ours, **_):
    """Of a damaged RAR both drop the piece that runs into the damage, and cut those pieces at other places."""
    files = {json.loads(row)["File"].split("!")[0] for row in (*missing, *extra)}
    return bool(files) and all(re.search(r"\.rar[^/]*$", file, re.I) for file in files) and files <= told_damages(ours)


# How what ours says of a damaged tar begins (src/text/tar_reader.cpp).
TAR_DAMAGES = (b"a member", b"a block of zeros", b"the map of a sparse file", b"is cut off")


def refuses_a_zst(missing, extra, ours, **_):
    """A damage that Go's zstd takes for one, and libzstd for other content: no format says how it shows. The other
    content may be a tar that is damaged, and names of its members that are none."""
    files = {json.loads(row)["File"] for row in extra}
    told = {path.decode("utf-8", "replace") for path, why in NOT_SCANNED.findall(ours.errors)
            if b"!" not in path and not why.startswith(TAR_DAMAGES)}
    return (bool(files) and not missing and all(re.search(r"\.zst[^/!]*(!|$)", file, re.I) for file in files)
            and not told & {file.split("!")[0] for file in files})


EXPLANATIONS = (shares_tags, takes_escape_e, reads_what_gitleaks_cannot, cuts_7z_and_rar, cuts_zst,
                drops_another_piece_of_a_rar, refuses_a_zst)


def explanation(**facts):
    """The name of the predicate that explains a difference, or None. Those of archives read JSON reports alone."""
    try:
        return next((e.__name__ for e in EXPLANATIONS if e(**facts)), None)
    except (ValueError, KeyError):  # rows of other formats
        return None


def by_file(missing, extra):
    """{the outermost file: (missing, extra)} of JSON rows."""
    files = collections.defaultdict(lambda: (collections.Counter(), collections.Counter()))
    for side, rows in enumerate((missing, extra)):
        for row, count in rows.items():
            files[json.loads(row)["File"].split("!")[0]][side][row] += count
    return files


def explanations(missing, extra, **facts):
    """The names of the predicates that explain a difference, all of it, or none.

    A run may have several causes: each file wants one, and the files without one are looked at together."""
    whole = explanation(missing=missing, extra=extra, **facts)
    if whole:
        return {whole}
    try:
        files = by_file(missing, extra)
    except (ValueError, KeyError, TypeError):
        return set()
    names, left = set(), (collections.Counter(), collections.Counter())
    for file_missing, file_extra in files.values():
        name = explanation(missing=file_missing, extra=file_extra, **facts)
        if name:
            names.add(name)
        else:
            left[0].update(file_missing)
            left[1].update(file_extra)
    if not names:
        return set()
    if left[0] or left[1]:
        name = explanation(missing=left[0], extra=left[1], **facts)
        if not name:
            return set()
        names.add(name)
    return names


def cut_by_a_buffer():
    """A RAR member with an empty line behind the first 4,096 bytes of the archive, and a line that is a piece then."""
    text = b"".join(b"%04d words that fill the line up to forty.\n" % i for i in range(100))
    return archives.rar_of([("a.txt", b"tok_aaaabbbbcccc\n" + text + b"\nkey_abcdefgh")])


def damaged_behind_a_buffer():
    """A RAR member whose last byte is missing; its first empty line behind 4,096 bytes of the archive is far from there."""
    text = b"tok_aaaabbbbcccc\n" + b"".join(b"%04d words that fill the line up to forty.\n" % i for i in range(100))
    return archives.rar_of([("a.txt", text + b"\n" + text)])[:-20]


# A tar of one file in one frame without a checksum, of which one bit was turned.
TURNED_ZST = (
    b"KLUv/WAAJz0IADYWNRqQp+kASLUoESK3lEmmXO52fvvN33i9a0kmATYAKgAqAD7qio698UV3ng4V7SF/UwvbbluSJDgKEkMYMDlA"
    b"IEwhBgIGDsYQRKEgYIwxBsPBGGOIJCEBYHD+vElU2jIhp59so/TIuzxbUDkXz7PSxuJYOi06yvHFIXX8NvUuJQ+xBbXR1UdML4s3"
    b"DKQMnp516aeKFBdXyOPWHiuxNm6ej8tya20Rzb1biqxyBYdKpFhktJdTh4c98qS6GT+kmmHkbBbV9s3mIrr+3RKv0MjU8s5jh/FQ"
    b"EQAPBHgAEr/UDMIGxwymmYEeWFudtQU1CMGgXAgByoo3pAaA5MADWDXAsXKZnUAR"
)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


EXPLAINED_CASES = {
    "shares_tags": (
        {"base.toml": "[[rules]]\nid = 'r'\nregex = 'token_[a-z0-9]{8,}'\ntags = ['a', 'b', 'c']\n",
         "c.toml": "[extend]\npath = 'base.toml'\n[[rules]]\nid = 'r'\ntags = ['d']\n",
         "f.txt": f"first {encoded('x token_aaaa1111 y')}\n"
                  f"second {encoded('zz ' + encoded('x token_cccc2222 y') + ' zz')}\n"},
        ["dir", "f.txt", "-c", "c.toml", "--max-decode-depth=3"]),
    "takes_escape_e": (
        {"c.toml": "title = \"\\e[1m\"\n[[rules]]\nid = 'r'\nregex = 'token_[a-z0-9]{8,}'\n",
         "f.txt": "token_aaaa1111\n"},
        ["dir", "f.txt", "-c", "c.toml"]),
    "reads_what_gitleaks_cannot": (
        {"c.toml": archives.RULES, "two.lz": archives.lzip(b"tok_aaaabbbbcccc\n") +
                                            archives.lzip(b"tok_ddddeeeeffff and more\n")},
        ["dir", "two.lz", "-c", "c.toml", "--max-archive-depth=1"]),
    "cuts_7z_and_rar": (
        {"c.toml": archives.RULES, "a.rar": cut_by_a_buffer()},
        ["dir", "a.rar", "-c", "c.toml", "--max-archive-depth=1"]),
    "drops_another_piece_of_a_rar": (
        {"c.toml": archives.RULES, "b.rar": damaged_behind_a_buffer()},
        ["dir", "b.rar", "-c", "c.toml", "--max-archive-depth=1"]),
    "refuses_a_zst": (
        {"c.toml": archives.RULES, "a.tar.zst": base64.b64decode(TURNED_ZST)},
        ["dir", "a.tar.zst", "-c", "c.toml", "--max-archive-depth=1"]),
}
