#!/usr/bin/env python3
"""Writes a few valid inputs for each fuzz target: fuzz_seeds.py FOLDER | --check

A fuzzer finds the inside of a format much sooner from an input that is one. Nothing here is a secret,
and the archives are made on the spot. Each target gets a folder of its name below FOLDER. Both forms
fail where a target of the sources has no seeds, or seeds have no target.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import pathlib
import sys
import tarfile
import zipfile
import zlib

from inventory_seeds import code_seeds, inventory_seeds, sqlite_seeds


def archives():
    """Each begins with the byte that chooses its name in src/text/archive_fuzz.cpp."""
    member = b"user = demo\n" * 20
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a/b.txt"), member)
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        info = tarfile.TarInfo("a/b.txt")
        info.size = len(member)
        archive.addfile(info, io.BytesIO(member))
    tar = tarred.getvalue()
    return {0: zipped.getvalue(), 1: tar, 2: gzip.compress(tar, mtime=0), 5: gzip.compress(member, mtime=0),
            6: bz2.compress(member), 7: lzma.compress(member), 11: zlib.compress(member)}


def tars():
    """One of each format that Python writes, with a name too long for the header, and one with holes (GNU's 1.0)."""
    kinds = []
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=form) as archive:
            for name, headers in (("a/b.txt", {}), ("d" * 60 + "/" + "f" * 60, {"mtime": "1.5"})):
                info = tarfile.TarInfo(name)
                info.size, info.pax_headers = 3, headers
                archive.addfile(info, io.BytesIO(b"one"))
        kinds.append(out.getvalue()[:-8192])
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info, data = tarfile.TarInfo("s"), b"2\n0\n2\n5\n1\n".ljust(512, b"\0") + b"abc"
        info.size = len(data)
        info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "8"}
        archive.addfile(info, io.BytesIO(data))
    return [*kinds, out.getvalue()[:-8192]]


def rescan_index():
    """One bill with one package with one weakness: header, texts, and a row of each table; without the digest."""
    texts = b"a.jsonpkg:npm/a@1CVE-1\0\0"
    tables = [(0, 6, 100, 0, 7, 0, 1, 1), (0,), (6, 11, 1), (17, 5)]
    header, at, body = [0x53524C4D, 1], 48, texts
    header += [at, len(texts)]
    at += len(texts)
    for row in tables:
        header += [at, 1]
        at += 4 * len(row)
        body += b"".join(number.to_bytes(4, "little") for number in row)
    return b"".join(number.to_bytes(4, "little") for number in header) + body


def feed_block():
    """One publisher with one record: header, texts, a feed, a row; without the digest."""
    texts = b"A-12024PL\0\0\0"
    header = [0x42464C4D, 1, 7, 0, 0, 44, len(texts), 56, 1, 72, 1]
    rows = [7, 1, 8, 1] + [0, 3, 3, 4] + [0x11111111] * 8 + [0, 1, 2, 3, 4]
    return b"".join(number.to_bytes(4, "little") for number in header) + texts + b"".join(
        number.to_bytes(4, "little") for number in rows)


def git_index():
    """gitformat-index, version 2, one entry."""
    entry = bytes(24) + (0o100644).to_bytes(4, "big") + bytes(12) + bytes(range(20)) + b"\0\x01a"
    content = b"DIRC" + (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + entry + b"\0" * (8 - len(entry) % 8)
    return content + hashlib.sha1(content).digest()


def git_reftable():
    """Version 1: one block with one reference."""
    header = b"REFT\x01" + bytes(3) + (1).to_bytes(8, "big") * 2
    record = b"\0\x69refs/heads/a\0" + bytes(range(20))
    length = len(header) + 4 + len(record) + 5
    block = b"r" + length.to_bytes(3, "big") + record + (28).to_bytes(3, "big") + b"\0\x01"
    footer = header + bytes(40)
    return header + block + footer + zlib.crc32(footer).to_bytes(4, "big")


def git_pack():
    """A blob, a delta of it, and the index (version 2) with its length before it."""
    def entry(kind, size, *parts):
        return bytes([kind << 4 | size]) + b"".join(parts)
    base = b"0123456789"
    delta = b"\x0a\x07\x91\x03\x04\x03xyz"
    first = entry(3, len(base), zlib.compress(base))
    second = entry(6, len(delta), bytes([len(first)]), zlib.compress(delta))
    content = b"PACK" + (2).to_bytes(4, "big") + (2).to_bytes(4, "big") + first + second
    pack = content + hashlib.sha1(content).digest()
    rows = sorted([(hashlib.sha1(b"blob 10\0" + base).digest(), 12, first),
                   (hashlib.sha1(b"blob 7\x003456xyz").digest(), 12 + len(first), second)])
    index = b"\xfftOc" + (2).to_bytes(4, "big")
    index += b"".join(sum(row[0][0] <= byte for row in rows).to_bytes(4, "big") for byte in range(256))
    index += b"".join(row[0] for row in rows)
    index += b"".join(zlib.crc32(row[2]).to_bytes(4, "big") for row in rows)
    index += b"".join(row[1].to_bytes(4, "big") for row in rows) + pack[-20:]
    index += hashlib.sha1(index).digest()
    return len(index).to_bytes(2, "big") + index + pack


def git_pack_bytes():
    """The same pack alone, without its trailer."""
    both = git_pack()
    return both[2 + int.from_bytes(both[:2], "big"):-20]


def git_thin_pack():
    """A delta upon the blob "base", which the target has; without its trailer."""
    delta = b"\x04\x06\x90\x04\x02+1"
    return (b"PACK" + (2).to_bytes(4, "big") + (1).to_bytes(4, "big") + bytes([0x70 | len(delta)]) +
            hashlib.sha1(b"blob 4\0base").digest() + zlib.compress(delta))


def git_answers():
    """What a Git server says: capabilities, references, a pack; a byte in front is the size of the pieces."""
    def packets(*lines):
        return b"".join(line if len(line) == 4 else b"%04x" % (len(line) + 4) + line for line in lines)
    name = b"1" * 40
    return [b"\0" + packets(b"# service=git-upload-pack\n", b"0000", b"version 2\n", b"fetch=shallow filter\n",
                            b"object-format=sha1\n", b"0000"),
            b"\3" + packets(name + b" HEAD symref-target:refs/heads/main\n", name + b" refs/heads/main\n",
                            name + b" refs/tags/main peeled:" + name + b"\n", b"0000"),
            b"\x40" + packets(b"shallow-info\n", b"shallow " + name, b"0001", b"packfile\n", b"\1PACK", b"\2hello",
                              b"\3no", b"0000")]


def git_chunks(magic, chunks):
    """gitformat-chunk: a header, the table, the chunks, a digest."""
    at = len(magic) + 12 * (len(chunks) + 1)
    table = b""
    for name, content in chunks:
        table += name + at.to_bytes(8, "big")
        at += len(content)
    content = magic + table + bytes(4) + at.to_bytes(8, "big") + b"".join(part for _, part in chunks)
    return content + hashlib.sha1(content).digest()


def git_index():
    """Version 2, two entries, the folder of the second noted, a digest of zeros."""
    blob, tree = hashlib.sha1(b"blob 4\0one\n").digest(), bytes(range(20))
    entries = b""
    for path in (b"a", b"f/b"):
        entry = bytes(24) + (0o100644).to_bytes(4, "big") + bytes(12) + blob + len(path).to_bytes(2, "big") + path
        entries += entry + bytes(8 - len(entry) % 8)
    trees = b"\0-1 1\nf\x001 0\n" + tree
    return (b"DIRC" + (2).to_bytes(4, "big") + (2).to_bytes(4, "big") + entries + b"TREE" +
            len(trees).to_bytes(4, "big") + trees + bytes(20))


def git_graphs():
    """A multi-pack-index and a commit-graph of one object each."""
    fan_out = b"".join((1 if byte >= 1 else 0).to_bytes(4, "big") for byte in range(256))
    name = bytes(range(1, 21))
    packs = git_chunks(b"MIDX\x01\x01\x04\0" + (1).to_bytes(4, "big"), [
        (b"PNAM", b"pack-1.idx\0\0"), (b"OIDF", fan_out), (b"OIDL", name), (b"OOFF", bytes(7) + b"\x0c")])
    commits = git_chunks(b"CGPH\x01\x01\x03\0", [
        (b"OIDF", fan_out), (b"OIDL", name),
        (b"CDAT", name + b"\x70\0\0\0" * 2 + b"\0\0\0\x04" + bytes(4))])
    return [b"\0" + packs, b"\1" + commits]


RULES = """title = "demo"
[extend]
disabledRules = ["x"]
[[rules]]
id = "demo-token"
description = "A token"
regex = '''demo_([a-z]{4,8})\\b'''
secretGroup = 1
entropy = 2.5
keywords = ["demo_"]
path = '''\\.env$'''
tags = ["a"]
[[rules.allowlists]]
condition = "AND"
regexTarget = "line"
paths = ['''test/''']
stopwords = ["example"]
[[rules.required]]
id = "other"
withinLines = 3
"""
ACCEPTED = "tests/locked.zip"
SEEDS = {
    "base_flags_fuzz": [
        "scan\0secrets\0--format=json\0-q\0-j4\0--exclude\0a/**\0-eb\0--\0-x\0.", "--help\0scan",
        "as\0other\0--anything\0-v", "rules\0list\0\0\0true", "scan\0--baseline\0b.json\0."],
    "compat_gitleaks_ignore_fuzz": [
        b"\0# comment\na/b.txt:rule:1\n0123456789abcdef:c.txt:rule:2\n",
        b'\1[{"RuleID":"rule","File":"a/b.txt","StartLine":1,"Match":"x","Secret":"x","Tags":["one"]}]',
        b"\2{{range $i, $f := .}}{{if gt $i 0}},{{end}}{{.RuleID | quote}} {{len .Tags}}{{end}}"],
    "connect_git_attributes_fuzz": [
        '*.txt -diff\n[attr]mine -diff text\n"d/\\170*" mine diff=cpp\n!x y\na/** !diff\n\0d/x.txt', "* binary\0a"],
    "connect_git_line_diff_fuzz": [
        "a\nb\n\nc\n\0a\n\n  x\nb\nc", "{\n  a\n}\n\0{\n  a\n}\n{\n  a\n}\n", "x\n" * 700 + "\0" + "x\n" * 720],
    "connect_git_commit_fuzz": [
        "tree " + "1" * 40 + "\nparent " + "2" * 40 + "\nauthor A <a@b> 1112911993 -0700\n"
        "committer C <c@d> 1112911993 +0000\nencoding latin1\ngpgsig a\n b\n\ntitle\n\nbody\n",
        "object " + "1" * 40 + "\ntype commit\ntag v1\ntagger T <t@e> 1 +0000\n\nwords\n"],
    "connect_git_delta_fuzz": [b"\0\x0a0123456789\x0a\x07\x91\x03\x04\x03xyz",
                               b"\0\x05" + b"hello" + zlib.compress(b"hello")],
    "connect_git_refs_fuzz": [
        b"\0" + git_reftable(), b"\1# pack-refs with: peeled\n" + b"1" * 40 + b" refs/heads/a\n^" + b"2" * 40,
        b"\2" + b"0" * 40 + b" " + b"1" * 40 + b" A <a@b> 1 +0000\tcommit: x\n",
        b'\3[core]\n\tbare = true\n[remote "a\\"b"]\n url = "x;y" \\\n z # c\n',
        b"\4" + git_index(), b"\5Fri, 13 Feb 2009 23:31:30 +0000", b"\0052 weeks 3 days ago",
        b"\0052009-02-13T23:31:30Z"],
    "connect_git_remote_records_fuzz": [
        '{"version": 1, "remotes": [{"name": "origin", "fetchedFrom": "a:b", "addresses": [{"address": "a:b", '
        '"foreign": ["' + "2" * 40 + '", "' + "1" * 40 + '"]}]}]}'],
    "connect_git_log_text_fuzz": [
        b"author A <a@b> 1500000000 -0730\nencoding latin1\n\ntitle\n\n\tbody \xe9\n\0map\0New <n@b> Old <a@b>\n"],
    "connect_git_tree_fuzz": [
        b"\x09100644 a\0" + bytes(range(20)) + b"100755 b\0" + bytes(20) + b"40000 c\0" + bytes(range(20))],
    "model_model_fuzz": [
        # The payload of a Document (src/model/serialize.cpp): texts and lists are led by their length.
        b"\x0atext/plain\x01\0\x05a.txt\0\0\x01\0\x04body", b"\0\0\0\x01\0\0"],
    # A byte that chooses folding, kind and engine; strings behind their lengths; the text.
    "exchange_bom_fuzz": [
        '{"version": 0, "job": {"id": "1", "correlator": "c"}, "sha": "0", "ref": "r", "detector": {"name": "d", "version": "1", '
        '"url": "u"}, "scanned": "2024-05-01T00:00:00Z", "manifests": {"a": {"name": "a", "file": {"source_location": "f"}, '
        '"resolved": {"k": {"package_url": "pkg:npm/k@1", "relationship": "direct", "scope": "development", "dependencies": '
        '["pkg:npm/l@1"]}, "l": {"package_url": "pkg:npm/l@1"}}}}}',
        '{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", '
        '"metadata": {"tools": {"components": [{"type": "application", "name": "t"}]}, "component": {"type": "application", '
        '"bom-ref": "r", "name": "x"}}, "components": [{"type": "library", "bom-ref": "a", "name": "a", "version": "1", '
        '"licenses": [{"license": {"id": "MIT"}}], "hashes": [{"alg": "MD5", "content": "' + "a" * 32 + '"}], '
        '"evidence": {"occurrences": [{"location": "f", "line": 3}]}}], "dependencies": [{"ref": "r", "dependsOn": ["a"]}], '
        '"compositions": [{"aggregate": "incomplete", "assemblies": ["r"]}]}',
        '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library" '
        'bom-ref="a"><name>a</name><hashes><hash alg="MD5">' + "a" * 32 + '</hash></hashes><licenses><expression>MIT'
        '</expression></licenses></component></components><dependencies><dependency ref="a"/></dependencies></bom>',
        "SPDXVersion: SPDX-2.3\nDocumentName: d\nCreator: Tool: t-1\n\nPackageName: a\nSPDXID: SPDXRef-a\n"
        "PackageCopyrightText: <text>a\nb</text>\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n"
        "LicenseID: LicenseRef-1\nExtractedText: <text>t</text>\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\n",
        '{"spdxVersion": "SPDX-2.3", "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "checksums": [{"algorithm": "SHA1", '
        '"checksumValue": "00"}], "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}]}]}',
        '{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": "software_Package", "spdxId": '
        '"u:a", "name": "a", "verifiedUsing": [{"type": "Hash", "algorithm": "sha1", "hashValue": "00"}]}]}',
        "bomFormat: CycloneDX\nspecVersion: '1.6'\ntrue: 3\n",
        '{"artifacts": [{"id": "1", "name": "a", "cpes": [{"cpe": "c"}], "licenses": [{"value": "MIT"}], "locations": '
        '[{"path": "/f"}]}], "artifactRelationships": [], "descriptor": {"name": "syft"}, "schema": {"version": "16"}}'],
    "exchange_cvss_fuzz": [
        "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:P/MSI:S",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:P/MS:U/CR:H", "AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/CDP:H"],
    "exchange_distribution_feeds_fuzz": [
        '{"distroversion": "v3.19", "urlprefix": "https://a", "packages": [{"pkg": {"name": "xen", "secfixes": '
        '{"0": ["CVE-1"], "4.1-r2": ["CVE-2 XSA-2 (+ x)"]}}}]}',
        '{"openssl": {"CVE-1": {"releases": {"bookworm": {"status": "open", "urgency": "low", "nodsa": "x"}, '
        '"sid": {"status": "resolved", "fixed_version": "3.0-1"}}}}}'],
    "exchange_osv_fuzz": [
        '{"id": "A-1", "aliases": ["CVE-1"], "affected": [{"package": {"ecosystem": "Go", "name": "a/b"}, "ranges": '
        '[{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2"}, {"limit": "*"}]}], "versions": ["1"], '
        '"ecosystem_specific": {"imports": [{"path": "a/b", "symbols": ["F"]}], "affects": {"functions": ["f"]}}}]}',
        "id: A-1\naffected:\n- package: {name: x, ecosystem: PyPI}\n  versions: [1.0, '2']\n"],
    "exchange_patched_feeds_fuzz": [
        '```toml\n[advisory]\nid = "R-1"\npackage = "x"\naliases = ["CVE-1"]\n[affected]\nfunctions = '
        '{ "x::f" = ["< 1"] }\n[versions]\npatched = [">= 0.4.5"]\n```\n# T\n\nD\n',
        '---\ngem: x\ncve: 2020-1\ncvss_v3: 7.5\npatched_versions:\n- "~> 5.2, >= 5.2.4"\n'],
    "exchange_threats_fuzz": [
        '{"vulnerabilities": [{"cveID": "CVE-1", "dueDate": "2021-11-17", "knownRansomwareCampaignUse": "Known"}]}',
        "cveID,dueDate,knownRansomwareCampaignUse\nCVE-1,2021-11-17,Known\n",
        "#model\ncve,epss,percentile\nCVE-1,0.00043,1e-05\n"],
    "net_http_url_fuzz": [
        "https://me:word@Host.example:8443/a%20b?c=d#e\nexample, 10.0.0.0/8, [2001:db8::1]:443, *.example:8443",
        "http://[2001:db8::1]/\n2001:db8::/32"],
    "net_response_parser_fuzz": [
        "\x00\x05HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n c\r\n\r\nhello",
        "\x00\x03HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4;a=b\r\nWiki\r\n0\r\nX: y\r\n\r\n",
        "\x02\x09HTTP/1.1 200 Connection established\r\n\r\nx", "\x01\x01HTTP/1.0 304 Not Modified\n\nx"],
    "exchange_nvd_fuzz": [
        '\0{"vulnerabilities": [{"cve": {"id": "CVE-1", "lastModified": "2024-01-01T00:00:00", "vulnStatus": "Rejected", '
        '"descriptions": [{"lang": "en", "value": "a"}], "metrics": {"cvssMetricV31": [{"type": "Primary", "cvssData": '
        '{"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}, "weaknesses": [{"description": '
        '[{"lang": "en", "value": "CWE-79"}]}]}}]}',
        '\1{"document": {"category": "csaf_vex", "title": "t", "tracking": {"id": "CVE-1"}, "publisher": {"name": "SUSE"}}, '
        '"product_tree": {"branches": [{"product": {"name": "SUSE a 15", "product_id": "p"}}, {"product": {"name": '
        '"a-1-2.x86_64", "product_id": "q", "product_identification_helper": {"purl": "pkg:rpm/a/b@1-2?epoch=3"}}}], '
        '"relationships": [{"product_reference": "q", "relates_to_product_reference": "p", "full_product_name": '
        '{"product_id": "p:q"}}]}, "vulnerabilities": [{"cve": "CVE-1", "product_status": {"fixed": ["p:q"]}}]}'],
    "exchange_sarif_read_fuzz": [
        '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T", "rules": [{"id": "R1", "deprecatedIds": ["R0"], '
        '"messageStrings": {"m": {"text": "{0}"}}, "properties": {"security-severity": "9.1"}}]}}, '
        '"originalUriBaseIds": {"A": {"uri": "file:///w/"}, "B": {"uri": "s/", "uriBaseId": "A"}}, '
        '"artifacts": [{"location": {"uri": "a.c", "uriBaseId": "B"}}], "automationDetails": {"id": "a/b"}, '
        '"invocations": [{"executionSuccessful": false, "toolExecutionNotifications": [{"level": "error", '
        '"message": {"text": "x"}, "descriptor": {"id": "encrypted"}}]}], '
        '"results": [{"ruleIndex": 0, "message": {"id": "m", "arguments": ["a"]}, "locations": [{"physicalLocation": '
        '{"artifactLocation": {"index": 0}, "region": {"startLine": 3, "snippet": {"text": "x\\ny"}}}}], '
        '"partialFingerprints": {"primaryLocationLineHash": "1f:2"}, "suppressions": [{"kind": "inSource"}]}]}]}',
    ],
    "exchange_report_read_fuzz": [
        '{"schema": "merlon-report", "version": 1, "analysis": {"tool": "merlon", "complete": true}, "findings": [{"rule": '
        '"r", "severity": "low", "confidence": "high", "location": {"path": "a", "startLine": 1}, "excerpt": {"firstLine": 1, '
        '"lines": ["x"]}, "fingerprints": {"a": "b"}, "history": {"reach": "index", "places": [{"kind": "commit", '
        '"location": {"path": "a"}}]}, "suppressed": {"by": "vex"}}], "coverage": {"objects": {"present": 1}, '
        '"gaps": [{"cause": "encrypted", "path": "a", "detail": "d"}]}, "rules": [{"id": "r", "qualifiedId": "a/b/r", '
        '"severity": "low", "confidence": "low"}]}',
    ],
    "crypto_ssh_key_fuzz": [
        # Made with OpenSSH by a key that is gone.
        "-----BEGIN SSH SIGNATURE-----\n"
        "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgsTkWyFHMiuuH2EnxkLWuvu9rLZBX+pNdhqIICfSd/JwAAAAEdGVz"
        "dAAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUxOQAAAECFkieD4WkBGgBxOYRMcy50ZiwhqQnG2NRHlhATs1JC2vUq"
        "YoSeaS4STnfANnRVVul3YILmGbgdqw57H2/qHDwG"
        "\n-----END SSH SIGNATURE-----\n",
        "ana,ana@example.com namespaces=\"test\",valid-after=20260101Z ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAILE5FshRzIrrh9hJ8ZC1rr7vay2QV/qTXYaiCAn0nfyc"
        " ana\n",
    ],
    # Each begins with the number of its format in src/exchange/foreign_report.cpp.
    "exchange_foreign_report_fuzz": [
        '\x02{"SchemaVersion": 2, "ArtifactName": "a:1", "ArtifactType": "container_image", "Results": [{"Target": "t", '
        '"Class": "os-pkgs", "Type": "debian", "Vulnerabilities": [{"VulnerabilityID": "CVE-1", "PkgName": "z", '
        '"PkgIdentifier": {"PURL": "pkg:deb/debian/z@1"}, "Severity": "LOW"}]}, {"Class": "config", "Misconfigurations": '
        '[{"ID": "D", "Status": "FAIL", "CauseMetadata": {"StartLine": 3, "Code": {"Lines": [{"Number": 3, "Content": "x"}]}}}], '
        '"ExperimentalModifiedFindings": [{"Type": "secret", "Status": "ignored", "Finding": {"RuleID": "r"}}]}]}',
        '\x03{"matches": [{"vulnerability": {"id": "G-1", "fix": {"versions": ["2"]}}, "relatedVulnerabilities": [{"id": "C-1"}], '
        '"artifact": {"name": "n", "version": "1", "purl": "pkg:npm/n@1", "locations": [{"path": "/a"}]}}], "ignoredMatches": []}',
        '\x04[{"RuleID": "r", "File": "a", "StartLine": 3, "Secret": "s", "Match": "k=s", "Tags": ["t"], "Commit": "c"}]',
        '\x05[{"check_type": "terraform", "results": {"failed_checks": [{"check_id": "C", "file_path": "/a.tf", '
        '"file_line_range": [1, 2], "code_block": [[1, "x\\n"]], "resource": "r"}], "parsing_errors": ["/b"]}}]',
        '\x06{"version": "1", "results": [{"check_id": "r", "path": "a", "start": {"line": 1, "col": 1}, "end": {"line": 1, '
        '"col": 2}, "extra": {"message": "m", "severity": "INFO", "lines": "x", "metadata": {"cwe": "CWE-1: x"}}}], "errors": '
        '[{"type": ["PartialParsing", []], "path": "b"}], "paths": {"skipped": [{"path": "c", "reason": "too_big"}]}}',
        '\x07[{"object_name": "o", "type_meta": {"kind": "Pod"}, "object_meta": {"name": "n"}, "checks": [{"check": {"id": "c"}, '
        '"grade": 1, "comments": [{"path": "p", "summary": "s"}]}], "file_name": "f", "file_row": 1}]',
        '\x08{"@programName": "ZAP", "site": [{"@name": "s", "alerts": [{"pluginid": "1", "name": "n", "desc": "<p>a&lt;</p>", '
        '"riskcode": "2", "confidence": "0", "instances": [{"uri": "u?x", "method": "GET", "param": "p"}]}]}]}',
        '\x09{"template-id": "t", "info": {"name": "n", "severity": "high", "classification": {"cwe-id": ["cwe-1"]}}, '
        '"matched-at": "u"}\n\n{"template-id": "x"}',
        '\x0a{"rule": "r", "priority": "Error", "output": "o", "time": "2026", "output_fields": {"k8s.pod.name": "p"}}\n',
        '\x0b[{"state": "dismissed", "html_url": "https://g/a/b/c", "rule": {"id": "r"}, "tool": {"name": "t"}, '
        '"most_recent_instance": {"ref": "r", "location": {"path": "a"}}}, {"state": "open", "secret_type": "s", "secret": "x"}, '
        '{"state": "open", "dependency": {"package": {"name": "n"}}, "security_advisory": {"ghsa_id": "G"}}]',
        '\x0c{"results": [{"source": {"path": "/a"}, "packages": [{"package": {"name": "n"}, "vulnerabilities": [{"id": "G", '
        '"affected": [{"package": {"name": "n"}, "ranges": [{"events": [{"fixed": "2"}]}]}]}], "groups": [{"ids": ["G"], '
        '"max_severity": "7.2"}]}]}]}',
        '\x0d<testsuites name="u"><testsuite><testcase classname="c" name="n" file="f" line="3"><failure message="m">t'
        '</failure></testcase><testsuite><testcase name="s"><skipped/></testcase></testsuite></testsuite></testsuites>',
        '\x0e{"_type": "https://in-toto.io/Statement/v1", "subject": [], "predicateType": "p", "predicate": {}}',
        '\x0f{"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [{"type": "library", "bom-ref": "a", '
        '"name": "n", "version": "1"}], "vulnerabilities": [{"id": "C-1", "ratings": [{"severity": "low"}], "analysis": {"state": '
        '"not_affected"}, "affects": [{"ref": "a"}]}]}',
        '\x10{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "d", "author": "a", "statements": []}',
        '\x11{"findings": {"results": [{"id": 1, "title": "t", "severity": "Low", "numerical_severity": "S3", "false_p": true, '
        '"test": 7, "component_name": "c", "component_version": "1", "vulnerability_ids": [{"vulnerability_id": "CVE-1"}], "notes": '
        '[2, {"id": 3, "author": {"username": "a"}, "entry": "e", "date": "2026-01-01"}], "accepted_risks": [{"id": 4, '
        '"accepted_findings": [1], "expiration_date": "2026-01-01T00:00:00Z"}]}], "next": "x", "prefetch": {"test": {"7": {"id": 7, '
        '"test_type": 1, "engagement": 2}}}}, "users": [{"id": 1, "username": "u"}], "notes": [{"id": 2, "entry": "e"}]}',
        '\x12{"meta": {"application": "Dependency-Track", "version": "4"}, "project": {"name": "p", "version": "1"}, "findings": '
        '[{"component": {"uuid": "c", "name": "n", "group": "g", "version": "1", "purl": "pkg:npm/n@1"}, "vulnerability": {"uuid": '
        '"v", "vulnId": "CVE-1", "aliases": [{"ghsaId": "GHSA-1"}]}, "analysis": {"state": "RESOLVED", "analysisComments": '
        '[{"timestamp": 1, "comment": "Analysis: A → B", "commenter": "a"}]}, "matrix": "m"}]}',
        '\x12[{"component": "c", "vulnerability": "v", "analysis": {"analysisState": "NOT_SET"}}]',
    ],
    # The first byte says what the rest is read as.
    "exchange_mapped_report_fuzz": [
        '\x00{"tool": "t", "complete": true, "findings": [{"rule": "r", "message": "m", "severity": "low", "path": "a", '
        '"line": 3, "lines": "x", "fingerprints": {"a": "b"}, "properties": {"p": "q"}, "suppressed": "s"}]}',
        '\x00<a b="c"><d>e</d></a>',
        '\x00{"a": 1}\n{"a": 2}\n',
        '\x01a,b\n1,"2,3"\n',
    ],
    "exchange_codeowners_fuzz": [
        '* @a # c\n[Docs][2] @w\ndocs/* x@y\n^[O]\n!docs/a\\ b\n/apps/**/x/ @b\n',
    ],
    "evidence_filter_fuzz": [
        'is:open sev:>=high tool:a,b -path:src/** age:>30d id:1,2 owner:none "a b" ref:main decision:none expires:<3d',
    ],
    "evidence_export_fuzz": [
        '\x03{"id":1,"name":"shop","default_ref":"main"}',
        '\x04{"id":1,"scope":1,"name":{"base64":"/w=="}}',
        '\x07{"id":1,"scope":1,"tool":"t","category":"","below":"","ref":"main","configuration":"","last_analysis":null}',
        '\x0e{"seq":1,"at_ms":2,"actor":"a","kind":"import","body":"{}","before":"' + "00" * 32 + '","hash":"' + "11" * 32 + '"}',
    ],
    "evidence_audit_fuzz": [
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n",
        "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\na\n2\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 a AAAAAAAA\n",
        '{"format": "merlon/audit-export/v1", "key": "a+12345678+AQAA"}\n{"checkpoint": "a\\n0\\nAAAA\\n\\n\u2014 a AAAAAAAA\\n"}\n'
        '{"seq": 1, "atMs": 2, "actor": "a", "kind": "import", "body": "{}", "before": "' + "0" * 64 + '", "hash": "' + "1" * 64 + '"}\n',
        '{"format": "merlon/audit-export/v1", "key": "a+12345678+AQAA"}\n'
        '{"seq": 1, "atMs": 2, "actor": "a", "kind": "audit.checkpoint", "body": '
        '"{\\"before\\":[{\\"size\\":1,\\"note\\":\\"sha256:0\\"},{\\"size\\":\\"x\\"}]}", "before": "' + "0" * 64 + '", "hash": "' + "1" * 64 + '"}\n',
        "\0" * 32 + "\1" + "\0" * 15 + "\1" + "\0" * 7 + "a" + "\1" + "\0" * 7 + "k" + "\2" + "\0" * 7 + "{}",
        '{"note":"merlon/audit-key/v1\\n3\\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\\n'
        'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\\n\\n\u2014 a AAAAAAAA\\n","reason":"r"}',
    ],
    "gate_documents_fuzz": [
        '\0{"_type": "https://in-toto.io/Statement/v1", "predicateType": "p", "subject": [{"name": "a", '
        '"digest": {"sha256": "ab"}}], "predicate": {}}',
        '\0{"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": []}',
        '\1{"schema":"merlon-decision","version":1,"decision":"approve","person":"ana","repository":"r","subject":'
        '"sha256:aa","environment":"e","verdict":"","condition":"","about":"","reason":"","time":'
        '"2026-11-27T11:00:00Z","expires":""}',
        '\1{"schema":"merlon-decision","version":2,"decision":"except","person":"ana","repository":"r","subject":'
        '"sha256:aa","environment":"e","verdict":"","condition":"severity","about":"","reason":"r","time":'
        '"2026-11-27T11:00:00Z","expires":"2026-11-28T11:00:00Z","covers":["aa","bb"]}',
        '\1{"schema":"merlon-signed-decision","version":1,"statement":"{}","signature":""}',
        "\2gates:\n  pr: {severity: high, only-new: true}\nenvironments:\n  production:\n    wait: 1h\n"
        "    windows: [{from: '09:00', to: '17:00', zone: UTC}]\n",
        '\3{"schema": "merlon-gate-input", "gate": "pr", "now": "2026-11-27T12:00:00Z", "time_to_live_s": 60, '
        '"findings": [{"title": "t"}], "exceptions": [{"condition": "a"}, {"condition": "a", "covers": ["k"]}]}',
        '\4{"schema": "merlon-gate-policy", "version": 1, "modules": [{"name": "a", "library": false, "text": '
        '"package a\\nconditions contains {\\"id\\": \\"a\\", \\"status\\": \\"pass\\"}"}]}',
    ],
    "exchange_vex_fuzz": [
        '{"@id": "d", "statements": [{"vulnerability": {"name": "CVE-1"}, "status": "not_affected", "products": '
        '[{"@id": "pkg:npm/x", "subcomponents": [{"@id": "pkg:npm/y"}]}]}]}',
        '{"document": {"tracking": {"id": "A"}}, "product_tree": {"branches": [{"product": {"product_id": "a"}}], '
        '"relationships": [{"product_reference": "a", "relates_to_product_reference": "a", "full_product_name": '
        '{"product_id": "b"}}]}, "vulnerabilities": [{"cve": "CVE-1", "product_status": {"fixed": ["a", "b"]}, '
        '"flags": [{"label": "x", "product_ids": ["a"]}]}]}',
        '{"bomFormat": "CycloneDX", "components": [{"bom-ref": "a", "purl": "pkg:npm/x"}], "vulnerabilities": '
        '[{"id": "CVE-1", "references": [{"id": "G-1"}], "analysis": {"state": "not_affected", "justification": '
        '"code_not_present", "detail": "d"}, "affects": [{"ref": "a"}, {"ref": "urn:cdx:s/1#pkg%3Anpm/y"}]}]}'],
    "match_literals_fuzz": [
        "\x01\x03key\x05token\x02ke\x20A KEY, a Token", "\x12\x01k\x02sk\x20K\u212a \u017fk sk",
        "\x27\x02\u0130\x01i\x20\u0130i", "\x80MLITERAL"],
    "match_engines_fuzz": [
        "\0(a+?|b)*c\\b\0aabc c", "\x13a|ab|(?m:^b$)\0xab\nb\n", b"\2[^a]{2,5}\\B.\0\xff\xc3\xa9bbc"],
    "match_syntax_fuzz": [
        "\xd4(?i:a|[^b-d\\pL])(?P<n>x{2,9}?)*\\b$", "\0[[:alpha:]-]+|^a{3}", "\x03(literal"],
    "match_program_fuzz": [b"e\0\x40\1(a+)(b|c)*?\\b", b"e\1\0\xff[^a]\\pL{2}x$"],
    "match_regex_fuzz": [
        "\0(?i)(\\w+)@(?P<x>k|ss)*\0a@KSS b", "\1a|ab|[[:alpha:]]+\0abc", "\x17(a*?)*b{2,3}$\0aabbb",
        b"\2\\b.[^a]\\x{FFFD}\0a\xff\xfe"],
    "match_pattern_set_fuzz": ["a\\.b|c{2,3}\0xxa.bcc", "(?i)key[ =]+(\\w+)\0KEY = value",
                                b"\xfe\x40\0\0\0\1\x99\1\0\0\xff", b"\xfd\x40\0\0\0\1\x99\1\0\0\xff"],
    "report_report_fuzz": [
        "\0".join(["scope", "id", "na|me", "<b>why</b>", "fix `it`", "tag", "mess\nage",
                   "a/<script>.txt", "in,ner\"", "=1+1", "@x", "\x1b[31mred", "two", "b.txt", "",
                   "match", "secret", "line", "known", "gap.zip", "no]]>pass", "note"])],
    "scan_foreign_ignores_fuzz": [
        "\0# c\nCVE-2026-1 exp:2030-01-01\n",
        "\1vulnerabilities:\n- id: CVE-2026-1\n  paths: ['a/**']\n  expired_at: 2030-01-01\n  statement: s\n",
        '\2[[IgnoredVulns]]\nid = "A-1"\nignoreUntil = 2030-01-01\n[[PackageOverrides]]\nname = "a"\nignore = true\n',
        "\3ignore:\n- vulnerability: A-1\n  package: {name: a, version: '1', location: '**'}\n",
        "\3ignore:\n- true: A-1\n- package: {3: a}\n"],
    "scan_history_checkpoint_fuzz": [b"\0\0\xff", b"\0\x10\0\0\x20\xff\0\x30\1"],
    "scan_feed_block_fuzz": [feed_block()],
    "scan_rescan_index_fuzz": [rescan_index()],
    "scan_trivy_settings_fuzz": [
        "severity: [HIGH]\nexit-code: 1\nscan:\n  skip-dirs: a\n  odd: true\nvulnerability:\n  ignore-unfixed: true\n"],
    "scan_suppressions_fuzz": [
        b"\0# comment\n" + b"0f" * 32 + b" rule 2031-01-02 a reason\n" + b"ab" * 32 + b" * - another\n",
        b'\1{"schema":"merlon-baseline","version":1,"entries":[{"rule":"r","id":"0f"}]}',
        b"\2key = x  # merlon:allow rule a reason", b"\2// gitleaks:allow",
        b"\3" + ACCEPTED.encode(), b"\3a \"quoted\": *name\n"],
    # The first byte chooses the check; in the order of secrets::checks().
    "secrets_checks_fuzz": [
        bytes([check]) + text
        for text in (b"abcd_0123456789abcdefABCDEF0123456789abcd", b"eyJhIjoxfQ.eyJleHAiOjF9.c2ln",
                     b"H" * 52 + b"JQQJ99AE" + b"A" * 16 + b"AZFUxIXYzw==",
                     b"c2lnbmF0dXJlIG9mIHRoaXJ0eS10d28gYnl0ZXMuLi4=")
        for check in range(32)],
    "secrets_config_fuzz": [RULES],
    "secrets_examples_fuzz": [
        "key={alnum:8}-{hex:4} {uuid} {dashes}", "{jwt:issuer} {{plain}} ${VARIABLE}",
        "{crc32-base62:pre_:30} {repeat:x:5}"],
    "secrets_manifest_fuzz": [
        "a: {{ b }}\nkind: Secret\ndata:\n  one: b25lLW9uZS1vbmU=\nstringData:\n  two: 'two-two-two'\n---\n"
        "kind: List\nitems:\n- {kind: Secret, stringData: {a: one-one-one}}\n",
        '[{"kind": "Secret", "data": {"a": "b25lLW9uZS1vbmU="}, "stringData": {"b": "two\\ttwo-two"}}]'],
    "secrets_scanner_fuzz": [
        "pre_abc\nAB_0123abcd key = \"Zq81xpT\" secret: hunter.two\nbegin x end\naabbx lonely1 friend2\n",
        "cHJlX2FiYwpBQl8wMTIzYWJjZAo= %70%72%65_abc \\u0061b_12345",
        'x = "first\\nAB_0123abcd\\r\\nab_99999 \\tab_00000\\\\nfriend1"'],
    "secrets_stored_config_fuzz": [
        b"", b"\x14\0\0\0\xff", b"\x40\0\0\0\x01\0\x10\0\0\x02"],
    "secrets_terraform_state_fuzz": [
        '{"resources": [{"type": "random_password", "instances": [{"attributes": {"bcrypt_hash": "one-one-one", '
        '"result": "two\\u0041two-two"}}]}]}',
        '[{"type": "kubernetes_secret", "values": {"data": {"a": "one-one-one", "b": 1}}},'
        '{"type": "aws_ssm_parameter", "values": {"type": "SecureString", "value": "two-two-two"}}]'],
    "packages_version_fuzz": [
        "\0" "1.0.0-rc.1\n1.0.0\nv2", "\x04" "1!1.0.post1.dev2+local.1\n1.0rc1\n1.0-x", "\x05" "1.sp\n1-alpha\n1",
        "\x06" "1.0.a\n1-1\n1.0.1", "\x07" "v1.0RC1\n1.0pl1\n1", "\x0d" "1:1.0~rc1-1+b2\n2:0\n1", "\x0e" "1:1.0^git~1-2\n1\n1-",
        "\x0f" "1.0a_rc1-r2\n1.01\n1~abc", "\x10" "1:1.0-1\n1.0\n1..a", "\x11" "1.01b_p1-r2\n1.1\n1", "\x12" "1.a+b\n9\n10",
        "\x13" "1!1.2post1_\n1.dev\n1.2+3", "\x17" "2024-01-01T00:00:00.5+01:30\n2024-02-29T00:00:00Z\nx"],
    "packages_package_url_fuzz": [
        "pkg:npm/%40babel/core@7.0.0?vcs_url=git%2Bhttps://a/b#x/y", "pkg:rpm/redhat/a@1-2?arch=x86_64&distro=rhel-9&epoch=1",
        "pkg:julia/Dates?uuid=1", "pkg:golang/github.com/a/b@v1#sub", "pkg:pypi/a_b@1", "pkg:git/github.com/A/b"],
    "packages_cpe_fuzz": [
        "cpe:2.3:a:apache:http_server:2.4.49:*:*:*:*:*:*:*\ncpe:/a:apache:http_server:2.4.%02:sp%01",
        "cpe:/a:hp:insight:7.4.0.1570::~~online~win2003~x64~\ncpe:2.3:a:v:p\\:q:-:?x*:*:*:*:*:*:*"],
    "sca_cpe_match_fuzz": [
        'cpe:2.3:a:v:p:1.5:*:*:*:*:*:*:*\n{"vulnerabilities": [{"cve": {"id": "CVE-1", "configurations": [{"operator": '
        '"AND", "nodes": [{"operator": "OR", "cpeMatch": [{"vulnerable": true, "criteria": "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*", '
        '"versionStartIncluding": "1.0", "versionEndExcluding": "2.0"}]}, {"operator": "OR", "negate": true, "cpeMatch": '
        '[{"vulnerable": false, "criteria": "cpe:2.3:o:debian:debian_linux:10.0:*:*:*:*:*:*:*"}]}]}]}}]}',
        'cpe:/a:v:p:9.6p1\n{"vulnerabilities": [{"cve": {"id": "CVE-1", "configurations": [{"nodes": [{"cpeMatch": '
        '[{"vulnerable": true, "criteria": "cpe:2.3:a:v:p:9.6:p1:*:*:*:*:*:*"}]}]}]}}]}'],
    "packages_version_range_fuzz": [
        "\0\x01^1.2.3 || ~1.2 || 1.0 - 2.1 || >1.x\n1.3.0", "\x01\x04~=1.2,!=1.3.*,==1.*\n1.2", "\x03\x06~> 1.2, != 1.3\n1.2",
        "\x05\x05[1.0,2.0),(3.0,]\n1.5", "\x0a\x12>1 <2 || ^3.2, include_prerelease\n3", "\x0b\x150.8.40+, 1.0-2.0\n1",
        "\x0f\0vers:npm/1.2.3|>=2.0.0|!=3.0.0|<5.0.0\n2", "\x0e\0>= 1, < 2 || = 3\n3"],
    "scan_manifest_edit_fuzz": [
        '\0\1{"dependencies": {"a": "^1.0.0"}}',
        "\4\1a==1.0.0 # b\n",
        "\5\1require a v1.0.0 // indirect\n",
        "\6\1<project><properties><v>1.0.0</v></properties><dependencies><dependency><groupId>g</groupId>"
        "<artifactId>a</artifactId><version>${v}</version></dependency></dependencies></project>",
        '\7\1[dependencies]\na = { version = "1.0.0" }\n',
    ],
    "packages_license_text_fuzz": [
        (b"// SPDX-License-Identifier: MIT OR Apache-2.0 */\n" + b"Copyright (c) 2026 A\n"),
        (pathlib.Path(__file__).resolve().parents[1] / "LICENSE").read_bytes()[:4000],
    ],
    "packages_look_alike_fuzz": ["loadsh\n# a\nnpm lodash\npypi requests\n"],
    "packages_license_fuzz": [
        "(MIT OR Apache-2.0+) AND GPL-2.0 WITH Classpath-exception-2.0", "LicenseRef-a OR DocumentRef-b:LicenseRef-c", "NONE"],
    "templates_template_fuzz": [
        '{{- /* c */ -}}{{ range $i, $f := . }}{{ if and .Name (gt .Line 1) }}{{ printf "%-5s|%q" .Name `x` }}{{ else }}'
        '{{ (index .Scores "nvd").V3Score }}{{ end }}{{ end }}',
        '{{ $d := dict "a" 1 }}{{ $_ := set $d "b" (list 1 "x" $d.a) }}{{ toPrettyJson $d | twice }}{{ $d }}',
        '{{ define "x" }}<{{ . | upper | quote }}>{{ end }}{{ template "x" (join "," (index . 0).Tags) }}'
        '\0[{"Name": "n", "Tags": ["1"]}]',
        '{{ range until 3 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ regexReplaceAll "(a)b" "ab" "$1" }}{{ end }}',
    ],
    "text_glob_fuzz": ["**/a*[b-d]?\0x/abc", "!/a/\n#b\n*.o\n\\#c\0a/b.o"],
    "text_ignore_rules_fuzz": ["a/**/b*[!c-e]\0a/x/y/bz", "**/[[:alpha:]]x\0a/bx", "a\\*?[]]\0a*b]"],
    "sca_database_fuzz": [
        '{"id": "A-1", "aliases": ["CVE-1", "B-1"], "upstream": ["CVE-2"], "affected": [{"package": {"ecosystem": "npm", '
        '"name": "x"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.4"}]}], "versions": '
        '["2.0.0"], "ecosystem_specific": {"imports": [{"path": "p", "symbols": ["f"], "goos": ["linux"]}]}}, {"package": '
        '{"ecosystem": "Debian:12", "name": "y"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1"}]}]}]}'
        '\0\0\x01\x40\x7f', "MERLONDB" + "\0" * 8200],
    "text_csv_fuzz": ['a,"b,\n""c"""\r\n\n,d\n'],
    # One of each kind of instruction that a plan becomes.
    "rego_plan_fuzz": [
        '{"static": {"strings": [{"value": "x"}], "builtin_funcs": [{"name": "plus", "decl": {"re'
        'sult": {}}}]}, "plans": {"plans": [{"name": "p", "blocks": [{"stmts": [{"type": "MakeObj'
        'ectStmt", "stmt": {"target": 2}}, {"type": "ScanStmt", "stmt": {"source": 0, "key": 3, "'
        'value": 4, "block": {"stmts": [{"type": "ObjectInsertOnceStmt", "stmt": {"key": {"type":'
        ' "local", "value": 3}, "value": {"type": "string_index", "value": 0}, "object": 2}}]}}},'
        ' {"type": "WithStmt", "stmt": {"local": 0, "path": [0], "value": {"type": "bool", "value'
        '": true}, "block": {"stmts": [{"type": "CallStmt", "stmt": {"func": "g0.data.r", "args":'
        ' [{"type": "local", "value": 0}, {"type": "local", "value": 1}], "result": 5}}]}}}, {"ty'
        'pe": "ResultSetAddStmt", "stmt": {"value": 2}}]}]}]}, "funcs": {"funcs": [{"name": "g0.d'
        'ata.r", "params": [0, 1], "return": 2, "blocks": [{"stmts": [{"type": "ReturnLocalStmt",'
        ' "stmt": {"source": 0}}]}], "path": ["g0", "r"]}]}}'
    ],
    "rego_builtins_fuzz": [
        'sprintf\n["%5.2f %v %q", [1.5, {1}, "a"]]', 'time.parse_ns\n["2006-01-02T15:04", "2020-02-29T12:30"]',
        'glob.match\n["{a,[b-d]}*", ["."], "cx"]', 'json.patch\n[{"a": [1]}, [{"op": "add", "path": "/a/0", "value": 2}]]',
        'json.match_schema\n[{"a": [1, "x"]}, {"$ref": "#/definitions/d", "definitions": {"d": {"properties": {"a": {"items": '
        '{"anyOf": [{"type": "integer"}, {"pattern": "^a", "format": "date"}]}, "uniqueItems": true}}, "required": ["b"]}}}]',
        'json.verify_schema\n[{"type": ["null", "x"], "dependencies": {"a": ["b"]}, "if": true, "$id": "http://h/a"}]',
        'crypto.x509.parse_certificates\n["MIIBLjCB4aADAgECAhRD2t8miRKXmr4t1NuWE"]',
        'crypto.x509.parse_certificate_request\n["MIH9MIGjAgEAMBoxDDAKBgNVBAMMA2Nzcg=="]',
        'crypto.parse_private_keys\n["-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIA==\\n-----END PRIVATE KEY-----\\n"]',
        'io.jwt.encode_sign_raw\n["{\\"alg\\": \\"HS256\\", \\"typ\\": \\"\\\\u00zz\\", \\"x\\": [NaN, -1e]}", "{}", "{\\"kty\\": \\"oct\\"'
        ', \\"k\\": \\"YQ\\", \\"alg\\": \\"HS256\\"} x"]',
        'io.jwt.verify_es256\n["eyJhbGciOiJFUzI1NiJ9.e30.AAAA", "{\\"keys\\": [{\\"kty\\": \\"EC\\", \\"crv\\": \\"P-256\\", \\"x\\": \\"AA\\", '
        '\\"y\\": \\"AA==\\", \\"key_ops\\": [\\"sign\\"], \\"x5c\\": [\\"MAA=\\"]}]}"]',
        'units.parse\n["1.5Gi"]', 'net.cidr_merge\n[["10.0.0.0/25", "10.0.0.128/25"]]', 'regex.globs_match\n["a.*b+", "[a-c]*"]',
    ],
    "rego_bundle_bundle_fuzz": [
        'f.manifest\n{"roots": ["a"], "rego_version": 0, "file_rego_versions": {"*.rego": 1}}\0a/data.json\n{"x": 1}\0'
        'a/b/data.yaml\ny: [2]\0p.rego\npackage a\0plan.json\n{}',
        'v.signatures.json\n{"signatures": ["eyJhbGciOiJIUzI1NiJ9.eyJmaWxlcyI6W119.AAAA"]}\0data.json\n{}'],
    # The first byte is the parser's place in the table of src/compat/conftest/parsers.cpp.
    "compat_conftest_parsers_fuzz": [
        "\x00*.js @org/team a@b.co # why\n", '\x02{"bomFormat": "CycloneDX", "specVersion": "1.6"}',
        '\x02<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><metadata><tools><tool><name>t</name></tool></tools></metadata><components>'
        '<component type="library"><name>a</name><licenses><license><id>MIT</id></license><expression>A</expression></licenses><evidence><copyright><text>c</text>'
        '</copyright></evidence><modified>true</modified></component></components><dependencies><dependency ref="a"><dependency ref="b"/></dependency></dependencies></bom>',
        "\x11SPDXVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\nCreator: Tool: t\nPackageName: p\nSPDXID: SPDXRef-p\nPackageChecksum: SHA1: a\n"
        "ExternalRef: SECURITY cpe23Type c\nFileName: f\nSPDXID: SPDXRef-f\nSnippetSPDXID: SPDXRef-s\nSnippetByteRange: 1:2\nLicenseID: LicenseRef-1\n"
        "ExtractedText: <text>a\nb</text>\nRelationship: SPDXRef-p DEPENDS_ON NONE\nAnnotator: Person: x\nReviewer: Person: y\n",
        "\x03# syntax=x\nARG A=1\nFROM a AS b\nRUN --mount=type=cache,target=/x y \\\n  z\nENV C=\"d e\"\nCMD [\"f\"]\n"
        "HEALTHCHECK --interval=5s CMD g\nONBUILD RUN h\nRUN <<EOF\ni\nEOF\n",
        "\x04export A=\"b $C ${D}\\n\" # e\nF='g'\nH: i\n", "\x05{:a [1 2.5e3 #{x} nil], \"b\" (\\c #_d #inst \"2026-01-02T03:04:05Z\")} ; e\n",
        "\x07a = 0x1F\nb \"c\" \"d\" {\n  e = [1, \"${f(\"g\")}\", { h = true }]\n  i = <<-J\n    k\n    J\n}\n",
        "\x08a \"b\" c {\n d = \"${e} %{if f}g%{else}h%{endif}\"\n i = [for j, k in l : k if m]\n n = <<-O\n  p\n O\n}\n",
        "\x0a# a\n!b\\\\c\n", "\x0btop=1\n[a]\nb = 'c' ; d\ne = f\\\n  g\nh = `i`\n", '\x0c{"a": [1, -2.5e3, null]}',
        "\x0d{// a\n\"b\": 1 /* c */ }",
        "\x0fhttp { server { listen 80; root '/a;b'; } }\nupstream u { server ${x}:1 weight=2; }\n"
        "set_by_lua_block $a { return {1} } # c\nmap $a $b { default 1; }\n", "\x10a.b : c\\\n d\\u00e9\n! e\nf=${a.b}\n", "\x13a = 1979-05-27\n[[b]]\nc = 1.5\n",
        '\x15<a x="1"><b>t</b>tail<!-- c --><![CDATA[d]]></a>', "\x16a: yes\n---\nb: [1, 0o17]\n"],
    "compat_conftest_proto_definitions_fuzz": [
        'syntax = "proto3"; package p; import "google/protobuf/struct.proto"; message M { reserved 9; reserved "r"; enum E { A = 0; B = -1; } '
        'oneof o { string s = 1; M m = 2; } map<string, int64> k = 3; repeated E e = 4 [packed = true]; google.protobuf.Value v = 5; float f = 6; bytes b = 7; } '
        'message P { google.protobuf.Timestamp t = 1; google.protobuf.Any a = 2; google.protobuf.FieldMask f = 3; } extend P { int32 x = 100; } service S { rpc R (M) returns (M); }\0'
        '# proto-message: p.M\nm < s: "a\\n\\x41\\101\\u00e9" \'b\' > k { key: "x" value: -0x1F } e: [A, 1]; v { list_value { values { number_value: 1e3 } } } f: inf r: { q: 1 } b: ""',
        'message M { required bool a = 1; optional group G = 2 { optional double d = 1 [default = 1]; } }\0# proto-message: M\na: t G { d: nan }'],
    "compat_opa_shell_commands_fuzz": [
        "A=1 apt update && (apt-get install -y \"x;y\" 'z' | tee >log 2>&1); if a $(b `c` ${d}); then e; fi # f\n"],
    "rego_syntax_parser_fuzz": [
        "\x02# METADATA\n# title: t\n# scope: package\npackage a.b\n\nimport data.x as y\n\ndefault p := false\n\n"
        "p if {\n\tsome i, v in input.xs # c\n\tnot v.y[_] == $\"a{i + 1}\"\n\tevery k in {1, `r`} { k > -1.5e3 }\n} else := "
        "{x: 1 | x := [2][_]} with input as {}\n\nq contains f(1)\n",
        "\x00package a\nimport future.keywords\np[x] { x = set() } { x = {\"a\": [1, true, null | 1]} }\nf(_, _) = 1 { true }",
        "\x03package a\np if { {x} or (not y and not {z; w}) }"],
    "rego_compiler_compiler_fuzz": [
        "package a\n\ndefault p := false\n\np if {\n\tsome i, v in input.xs\n\tnot v.y[_] == $\"a{i + 1}\"\n\tevery k in {1} "
        "{ k > q[v] }\n} else := {x: 1 | x := [2][_]} if f(3, 4) with input.a as 5 with f as 6\n\nq[x] := y if { [x, y] = [1, z]; "
        "z = data[x].r }\n\nr.s[t] contains u if { walk(input, [t, u]) }\n\nf(a, {\"b\": c}) := a + c\n",
        "package a\n\ntest_a[tc.n] if { some tc in [{\"n\": \"x\"}]; print(\"v\", tc, input.y); tc.n == \"x\" }\ntest_a[x] if { x := 1 }\n",
        "package a\n\np[x] { x = data.a[k][_]; q[k] }\nq[x] { x := \"b\" }\nb = p { not q.z with data.a.q as {1} }\n"],
    "rego_watch_watcher_fuzz": [
        "package a\n\np if { some i, v in input.xs; not v.y; every k in {1} { k > q[v] } } else := {x: 1 | x := [2][_]} if f(3, 4) "
        "with input.a as 5 with f as 6\n\nq[x] := y if { [x, y] = [1, z]; z = data[x].r }\n\nr.s[t] contains u if { walk(input, "
        "[t, u]) }\n\nf(a, {\"b\": c}) := a + c\n\ndefault g(_) := 1\n\ng(x) := y if startswith(x, \"a\")\n",
        "package a\n\np[x] { x = data.a[k][_]; q[k] }\nq[x] { x := \"b\" }\nb = p { not q.z with data.a.q as {1} }\n",
        "package a\n\ndefault d := 1\n\nd := x if { x := input.y; not e[x] }\n\ne contains [x, y] if { some x in input.xs; f(x, y); "
        "every z in [x, 2] { z > input.n } }\n\nf(a, b) if { b := {c | some c in a; c != input.k} }\n\nf(1, _) if not d == 2\n"],
    "text_dockerfile_fuzz": [
        "# escape=`\n# a\nARG A=1\nFROM a AS b\nRUN --mount=type=cache,target=/x y `\n # c\n z\nENV C=\"d e\" F=g\nLABEL h i\nCMD [\"f\"]\n"
        "HEALTHCHECK --interval=5s CMD g\nONBUILD RUN h\nRUN <<-EOF\n\ti\n\tEOF\nCOPY --from=b --link j k\n"],
    "text_hcl_fuzz": [
        "a \"b\" c {\n d = \"${e} %{if f}g%{else}h%{endif}\"\n i = [for j, k in l : k if m]\n n = <<-O\n  p ${q}\n O\n}\n",
        "a = { b.c = d[0].e[*].f, \"g${h}\" : i(j...) ? -1.5e3 : !k && l }\nm { n = null }\n"],
    "text_json_fuzz": ['{"a": [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00"], "b": {}}', "[// c\n1,]"],
    "text_json_schema_fuzz": [
        '{"$id": "http://host/a", "$defs": {"n": {"$dynamicAnchor": "n", "type": ["object", "null"], '
        '"properties": {"next": {"$dynamicRef": "#n"}}}}, "$ref": "#/$defs/n", '
        '"unevaluatedProperties": false}\0{"next": {"next": null}, "x": 1}',
        '{"id": "b", "items": [{"$ref": "a#/definitions/p"}], "additionalItems": false, "definitions": '
        '{"p": {"multipleOf": 0.01, "minimum": 0, "exclusiveMinimum": true}}}\0[1.23, "x"]',
        '{"oneOf": [{"pattern": "a"}, {"const": "b"}], "if": {"minLength": 2}, "then": {"$ref": "#"}}\0"ab"'],
    "text_notebook_fuzz": [
        '{"cells": [{"cell_type": "code", "source": ["a = \\"b\\"\\n", "\\u00e9"], "outputs": '
        '[{"text": "x\\ny", "data": {"text/plain": ["z"]}}], "metadata": {"k": "v"}}], "nbformat": 4}',
        "a:\n  - b: [1, {c: d}]\n---\ne: |\n  f\n"],
    "text_office_fuzz": [
        "<w:p><w:r><w:t>one &amp; t</w:t></w:r><w:r><w:t>wo</w:t><w:tab/></w:r></w:p>",
        '<sst><si><t>a</t></si></sst><row><c r="B2" t="s"><v>0</v></c><c r="C2"><f>1+1</f><v>2</v></c></row>'],
    "text_toml_fuzz": ["a = 1\nb.c = [1.5, inf]\n[t]\nd = 1979-05-27T07:32:00Z\n[[u]]\ne = '''x'''\n",
                       RULES],
    "text_xml_fuzz": ['<?xml version="1.0"?><a x="1"><b>t &amp; u</b><!-- c --><c/><![CDATA[d]]></a>',
                      '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    "text_yaml_fuzz": ["a: &x {b: [1, 0x1F, ~]}\nc: *x\n<<: *x\nd: |-\n  text\n--- !!str 5\n...\n"],
}


def targets():
    """The names that merlon_room (cmake/MerlonRoom.cmake) gives the programs."""
    sources = pathlib.Path(__file__).resolve().parent.parent / "src"
    return {"_".join(path.relative_to(sources).with_suffix("").parts) for path in sources.rglob("*_fuzz.cpp")}


def check(known):
    wrong = [f"{name}: no seeds; give tools/fuzz_seeds.py one" for name in sorted(targets() - known)]
    wrong += [f"{name}: seeds without a target in src/" for name in sorted(known - targets())]
    if wrong:
        sys.exit("fuzz_seeds: " + "\nfuzz_seeds: ".join(wrong))


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-") and sys.argv[1] != "--check":
        sys.exit("usage: fuzz_seeds.py FOLDER | --check")
    seeds = dict(SEEDS)
    seeds["connect_git_pack_fuzz"] = [git_pack()]
    seeds["connect_git_pack_indexer_fuzz"] = [git_pack_bytes(), git_thin_pack()]
    seeds["connect_git_fetch_protocol_fuzz"] = git_answers()
    seeds["connect_git_graph_fuzz"] = git_graphs()
    seeds["connect_git_index_fuzz"] = [b"\0" + git_index(), b"\1src/*.c\0a/src/x.c", b"\2a\r\nb\r\r\n$Id: 1 $\n"]
    seeds["inventory_readers_fuzz"] = inventory_seeds()
    seeds["inventory_code_fuzz"] = code_seeds()
    seeds["text_sqlite_fuzz"] = sqlite_seeds()
    packed = archives()
    seeds["text_stream_decoder_fuzz"] = [bytes([kind]) + packed[name] for kind, name in (
        (0, 5), (1, 11), (3, 6), (4, 7), (11, 0), (12, 1))]
    seeds["text_archive_fuzz"] = [bytes([kind]) + data for kind, data in packed.items()]
    seeds["text_tar_reader_fuzz"] = tars()
    check(set(seeds))
    if sys.argv[1] == "--check":
        return
    root = pathlib.Path(sys.argv[1])
    for target, inputs in seeds.items():
        folder = root / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(inputs):
            (folder / f"seed{number}").write_bytes(data if isinstance(data, bytes) else data.encode())


if __name__ == "__main__":
    main()
