"""Reading reports of gitleaks's formats, and comparing them as multisets."""

import collections
import csv
import io
import json
import re
import xml.etree.ElementTree


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
