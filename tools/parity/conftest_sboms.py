"""Random SBOMs for conftest_parity.py: CycloneDX as XML, SPDX as tag-value text. Some are wrong on purpose."""

from xml.sax.saxutils import escape, quoteattr

TEXTS = ("a", "lib", "1.0", " two words ", "<&>", "üñí", "MIT", "true", "7", "", "x:y")

# Elements: attributes, children. A name in capitals is a choice of its own.
SHAPES = {
    "bom": (("serialNumber", "version"), ("metadata", "components", "services", "externalReferences", "dependencies", "compositions",
                                          "vulnerabilities", "properties", "annotations", "formulation", "definitions", "citations")),
    "metadata": ((), ("timestamp", "lifecycles", "tools", "authors", "component", "manufacture", "supplier", "licenses", "properties")),
    "tools": ((), ("tool", "TOOLS")), "tool": ((), ("vendor", "name", "version", "hashes", "externalReferences")),
    "components": ((), ("component",)), "services": ((), ("service",)),
    "component": (("type", "bom-ref", "mime-type"),
                  ("supplier", "author", "publisher", "group", "name", "version", "description", "scope", "hashes", "licenses", "copyright", "cpe",
                   "purl", "omniborId", "swid", "modified", "pedigree", "externalReferences", "properties", "components", "evidence", "releaseNotes",
                   "modelCard", "data", "cryptoProperties", "tags", "isExternal", "authors")),
    "service": (("bom-ref",), ("provider", "group", "name", "version", "endpoints", "authenticated", "x-trust-boundary", "data", "licenses", "tags")),
    "authors": ((), ("author",)), "author": (("bom-ref",), ("name", "email", "phone")), "tags": ((), ("tag",)),
    "supplier": (("bom-ref",), ("name", "url", "contact")), "provider": ((), ("name", "url")), "manufacture": ((), ("name",)),
    "contact": ((), ("name", "email")), "hashes": ((), ("hash",)), "hash": (("alg",), ()),
    "licenses": ((), ("license", "license", "expression", "expression-detailed")),
    "license": (("bom-ref", "acknowledgement"), ("LICENSE", "url", "text", "licensing", "properties")),
    "expression": (("bom-ref", "acknowledgement"), ()), "expression-detailed": (("expression",), ("details",)),
    "details": (("license-identifier",), ("text", "url")),
    "licensing": ((), ("altIds", "licensor", "purchaseOrder", "licenseTypes")), "altIds": ((), ("altId",)), "licensor": ((), ("organization", "individual")),
    "organization": ((), ("name",)), "individual": ((), ("name", "email")), "licenseTypes": ((), ("licenseType",)),
    "swid": (("tagId", "name", "version", "tagVersion", "patch"), ("text", "url")), "text": (("content-type", "encoding"), ()),
    "pedigree": ((), ("ancestors", "commits", "patches", "notes")), "ancestors": ((), ("component",)), "commits": ((), ("commit",)),
    "commit": ((), ("uid", "url", "author", "message")), "patches": ((), ("patch",)), "patch": (("type",), ("diff",)), "diff": ((), ("text", "url")),
    "externalReferences": ((), ("reference",)), "reference": (("type",), ("url", "comment", "hashes", "id", "source")),
    "properties": ((), ("property",)), "property": (("name",), ()),
    "evidence": ((), ("identity", "occurrences", "callstack", "licenses", "copyright")),
    "identity": ((), ("field", "confidence", "methods", "tools")), "methods": ((), ("method",)), "method": ((), ("technique", "confidence", "value")),
    "occurrences": ((), ("occurrence",)), "occurrence": (("bom-ref",), ("location", "line", "offset", "symbol")),
    "callstack": ((), ("frames",)), "frames": ((), ("frame",)), "frame": ((), ("package", "module", "function", "line", "column", "parameters")),
    "parameters": ((), ("parameter",)), "copyright": ((), ()), "dependencies": ((), ("dependency",)), "dependency": (("ref",), ("dependency", "provides")),
    "provides": (("ref",), ()), "compositions": ((), ("composition",)), "composition": (("bom-ref",), ("aggregate", "assemblies")),
    "assemblies": ((), ("assembly",)), "assembly": (("ref",), ()), "vulnerabilities": ((), ("vulnerability",)),
    "vulnerability": (("bom-ref",), ("id", "source", "references", "ratings", "cwes", "description", "advisories", "analysis", "affects", "tools",
                                     "properties", "credits")),
    "source": ((), ("name", "url")), "references": ((), ("reference",)), "ratings": ((), ("rating",)), "rating": ((), ("score", "severity", "method")),
    "cwes": ((), ("cwe",)), "advisories": ((), ("advisory",)), "advisory": ((), ("title", "url")), "credits": ((), ("individuals",)),
    "individuals": ((), ("individual",)), "analysis": ((), ("state", "justification", "responses", "detail")), "responses": ((), ("response",)),
    "affects": ((), ("target",)), "target": ((), ("ref", "versions")), "versions": ((), ("version", "VERSION")),
    "annotations": ((), ("annotation",)), "annotation": (("bom-ref",), ("subjects", "annotator", "timestamp", "text")),
    "subjects": ((), ("subject",)), "subject": (("ref",), ()), "annotator": ((), ("organization", "individual")),
    "releaseNotes": ((), ("type", "title", "notes", "tags")), "notes": ((), ("note",)), "note": ((), ("locale", "text")),
    "data": ((), ("dataflow", "type", "name")), "dataflow": (("name", "description"), ("classification", "governance", "source", "destination")),
    "modelCard": (("bom-ref",), ("modelParameters", "considerations")), "modelParameters": ((), ("task", "datasets")), "datasets": ((), ("dataset",)),
    "dataset": (("bom-ref",), ("ref", "type", "name")), "considerations": ((), ("users", "environmentalConsiderations")), "users": ((), ("user",)),
    "environmentalConsiderations": ((), ("energyConsumptions",)), "energyConsumptions": ((), ("energyConsumption",)),
    "energyConsumption": ((), ("activity", "energyProviders", "activityEnergyCost")), "activityEnergyCost": ((), ("value", "unit")),
    "cryptoProperties": ((), ("assetType", "algorithmProperties", "certificateProperties", "protocolProperties", "oid")),
    "algorithmProperties": ((), ("primitive", "cryptoFunctions", "classicalSecurityLevel")), "cryptoFunctions": ((), ("cryptoFunction",)),
    "certificateProperties": ((), ("subjectName", "certificateState", "certificateExtensions")),
    "certificateState": ((), ("state", "name", "reason")), "certificateExtensions": ((), ("certificateExtension",)),
    "certificateExtension": ((), ("commonExtensionName", "commonExtensionValue", "customExtensionName")),
    "protocolProperties": ((), ("type", "version", "cipherSuites", "ikev2TransformTypes")), "cipherSuites": ((), ("cipherSuite",)),
    "cipherSuite": ((), ("name", "identifiers")), "ikev2TransformTypes": ((), ("encr", "ke", "esn")), "encr": ((), ("name", "keyLength")),
    "formulation": ((), ("formula",)), "formula": (("bom-ref",), ("workflows", "properties")), "workflows": ((), ("workflow",)),
    "workflow": (("bom-ref",), ("uid", "name", "inputs", "taskTypes", "runtimeTopology")), "inputs": ((), ("input",)), "taskTypes": ((), ("taskType",)),
    "input": ((), ("resource", "environmentVars", "data")), "environmentVars": ((), ("environmentVar", "value")), "environmentVar": (("name",), ()),
    "resource": ((), ("ref",)), "runtimeTopology": ((), ("dependency",)), "definitions": ((), ("standards", "patents")),
    "standards": ((), ("standard",)), "standard": (("bom-ref",), ("name", "version", "requirements")), "patents": ((), ("patent", "patentFamily")),
    "patent": (("bom-ref",), ("patentNumber", "jurisdiction")), "patentFamily": (("bom-ref",), ("familyId", "members")), "members": ((), ("ref",)),
    "citations": ((), ("citation",)), "citation": (("bom-ref",), ("pointers", "timestamp", "attributedTo")), "pointers": ((), ("pointer",)),
    "attributedTo": (("ref",), ()), "lifecycles": ((), ("lifecycle",)), "lifecycle": ((), ("phase", "name")),
}
NUMBERS = ("version", "line", "column", "cwe", "tagVersion", "keyLength", "offset", "classicalSecurityLevel", "score", "confidence", "value")
TRUTHS = ("modified", "authenticated", "x-trust-boundary", "patch", "isExternal", "esn")


def text_of(rng, name, is_attribute=False):
    wrong = rng.random() < 0.003
    if name in TRUTHS:
        return "maybe" if wrong else rng.choice(["true", "false", "1", " true "])
    if name in NUMBERS:
        return "x1" if wrong else rng.choice(["1", "42", "+7", " 9 ", "0", "-3"] if is_attribute or name not in ("score", "confidence", "value") else ["1.5", "0.1", "9", "1e2"])
    return rng.choice(TEXTS)


def element(rng, name, depth):
    attributes, children = SHAPES.get(name, ((), ()))
    if rng.random() < 0.002:
        return f"<unknown-{name}/>"
    written = "".join(f" {one}={quoteattr(text_of(rng, one, True))}" for one in attributes if rng.random() < 0.7)
    inside = []
    if children and depth:
        chosen = rng.choices(children, k=rng.randrange(0, 5))
        if name == "tools":
            chosen = ["tool"] * rng.randrange(1, 3) if rng.random() < 0.5 else rng.sample(["components", "services"], rng.randrange(1, 3))
        for child in dict.fromkeys(chosen) if rng.random() < 0.8 else chosen:
            if child == "LICENSE":
                continue
            inside.append(element(rng, {"VERSION": "range", "TOOLS": "components"}.get(child, child), depth - 1))
        if name == "license":
            inside.insert(0, element(rng, rng.choice(["id", "name"]), 0) if rng.random() < 0.97 else "")
    elif name == "license":
        inside.append("<id>MIT</id>")
    elif name == "tools":
        inside.append("<tool><name>t</name></tool>")
    content = "".join(inside) if inside and name not in ("text",) else escape(text_of(rng, name))
    if rng.random() < 0.05:
        content = f"<!-- why -->{content}"
    if rng.random() < 0.03 and not inside:
        content = "<![CDATA[<raw> & ]]>" + content
    return f"<{name}{written}>{content}</{name}>"


def cyclonedx_xml_file(rng):
    spec = rng.choice(["1.3", "1.4", "1.5", "1.6", "1.7"])
    text = element(rng, "bom", 7)
    text = text.replace("<bom", f'<bom xmlns="http://cyclonedx.org/schema/bom/{spec}"', 1)
    if rng.random() < 0.02:
        text = text.replace("bom", "Bom")
    return "input.cyclonedx", rng.choice(['<?xml version="1.0" encoding="UTF-8"?>\n', ""]) + text + "\n"


def cyclonedx_json_file(rng):
    version = rng.choice(["1.2", "1.4", "1.5", "1.6", "1.7"] * 4 + ["2.0", "1"])
    return "input.cyclonedx", f'{{"bomFormat": "CycloneDX", "specVersion": "{version}", "version": 1, "components": [{{"type": "library", "name": "a", "version": "1000000"}}]}}'


PACKAGE_TAGS = (
    "PackageVersion: 1.0", "PackageFileName: a.tgz", "PackageSupplier: Organization: Acme (a@b)", "PackageSupplier: NOASSERTION", "PackageSupplier: Tool: x",
    "PackageOriginator: Person: A", "PackageDownloadLocation: NONE", "FilesAnalyzed: false", "FilesAnalyzed: true", "FilesAnalyzed: maybe",
    "PackageVerificationCode: d6a770 (excludes: ./package.spdx)", "PackageVerificationCode: d6a770", "PackageChecksum: SHA1: 85ed", "PackageChecksum: SHA3-256: 85ed",
    "PackageChecksum: SHA512: 85ed", "PackageHomePage: http://a", "PackageSourceInfo: <text>two\nlines</text>", "PackageLicenseConcluded: MIT",
    "PackageLicenseInfoFromFiles: MIT", "PackageLicenseDeclared: (MIT AND Apache-2.0)", "PackageLicenseComments: <text>a</text>", "PackageCopyrightText: NOASSERTION",
    "PackageSummary: ", "PackageDescription: üñí <&>", "PackageComment: c", "PrimaryPackagePurpose: LIBRARY", "ReleaseDate: 2021-01-01T00:00:00Z",
    "PackageAttributionText: a", "ExternalRef: SECURITY cpe23Type cpe:2.3:a:b:c", "ExternalRef: PACKAGE_MANAGER purl pkg:npm/a@1\nExternalRefComment: why",
    "ExternalRefComment: alone", "BuiltDate: x", "ValidUntilDate: y")
FILE_TAGS = (
    "FileType: SOURCE", "FileChecksum: SHA1: aa", "FileChecksum: MD5: bb", "FileChecksum: SHA9: bb", "LicenseConcluded: MIT", "LicenseInfoInFile: MIT",
    "LicenseComments: c", "FileCopyrightText: <text>Copyright</text>", "ArtifactOfProjectName: P\nArtifactOfProjectHomePage: http://p\nArtifactOfProjectURI: http://u",
    "ArtifactOfProjectName: ", "ArtifactOfProjectURI: alone", "FileComment: c", "FileNotice: n", "FileContributor: A", "FileDependency: ./b", "FileAttributionText: t")
ANYWHERE = (
    "Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-p0", "Relationship: SPDXRef-p0 DEPENDS_ON NOASSERTION\nRelationshipComment: why",
    "Relationship: DocumentRef-o:SPDXRef-x CONTAINS SPDXRef-SPDXRef-y", "Relationship: SPDXRef-a CONTAINS", "Annotator: Person: A\nAnnotationDate: d\nAnnotationType: REVIEW\n"
    "SPDXREF: SPDXRef-p0\nAnnotationComment: <text>a\nb</text>", "Annotator: Robot: A", "# a comment", "", "  ")


def some(rng, tags, most, wrong=0.02):
    """Lines that are wrong are rare."""
    bad = ("maybe", "SHA9", "Robot", "alone", "Supplier: Tool", "CONTAINS\n")
    lines = []
    for _ in range(rng.randrange(most)):
        line = rng.choice(tags)
        if not (any(word in line + "\n" for word in bad) and rng.random() > wrong * 4):
            lines.append(line)
        if rng.random() < 0.1:
            lines += [line for line in [rng.choice(ANYWHERE)] if not any(word in line + "\n" for word in bad) or rng.random() < wrong]
    return lines


def spdx_file(rng):
    lines = [f"SPDXVersion: SPDX-{rng.choice(['2.1', '2.2', '2.2', '2.3', '2.3', '2.3'] * 6 + ['3.0'])}", "DataLicense: CC0-1.0", "SPDXID: SPDXRef-DOCUMENT",
             "DocumentName: a b", "DocumentNamespace: https://a/b"]
    lines += some(rng, ("ExternalDocumentRef: DocumentRef-o https://o SHA1: aa", "ExternalDocumentRef: DocumentRef-o https://o SHA1:aa", "DocumentComment: c"), 3)
    lines += some(rng, ("Creator: Tool: t", "Creator: Person: A (a@b)", "Created: 2021-08-26T01:46:00Z", "CreatorComment: c", "LicenseListVersion: 3.9", "Creator: Robot: x"), 5)
    number = 0
    for _ in range(rng.randrange(4)):
        kind = rng.random()
        if kind < 0.65 or number == 0:
            lines += [f"PackageName: p{number}"] + ([f"SPDXID: SPDXRef-p{number}"] if rng.random() < 0.98 else []) + some(rng, PACKAGE_TAGS, 9)
            number += 1
        for file in range(rng.randrange(3)):
            lines += [f"FileName: ./f{file}", f"SPDXID: SPDXRef-f{number}{file}"] + some(rng, FILE_TAGS, 6)
            if rng.random() < 0.2:
                lines += [f"SnippetSPDXID: SPDXRef-s{file}", "SnippetFromFileSPDXID: SPDXRef-f0", "SnippetByteRange: 310:420", "SnippetLineRange: 5:x" if rng.random() < 0.05 else "SnippetLineRange: 5:23"]
    for licence in range(rng.randrange(3)):
        lines += [f"LicenseID: LicenseRef-{licence}" if rng.random() < 0.9 else "LicenseID: "]
        lines += some(rng, ("ExtractedText: <text>long\n\ntext </text>", "LicenseName: N", "LicenseCrossReference: http://l", "LicenseComment: c"), 4)
    if rng.random() < 0.2:
        lines += ["Reviewer: Person: R", "ReviewDate: d", "ReviewComment: c"]
    text = rng.choice(["\n", "\r\n", "\n"]).join(lines) + rng.choice(["\n", "", "\n\n"])
    return "input.spdx", text[:rng.randrange(len(text))] if rng.random() < 0.03 else text


FORMATS = {"cyclonedx-xml": cyclonedx_xml_file, "cyclonedx-json": cyclonedx_json_file, "spdx": spdx_file}
