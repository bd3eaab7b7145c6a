#!/usr/bin/env python3
"""Precision and recall of `merlon scan secrets` on texts that others labelled.

    tools/evaluate/evaluate.py --gitleaks DIR --betterleaks DIR --leaky-repo DIR [--half tuning|held-out]

Each DIR is a checkout of that public repository; nothing of it is kept here. gitleaks and
betterleaks hold true and false texts for each rule (`tps`, `fps` in
cmd/generate/config/rules/*.go), of which the literal ones are read; leaky-repo holds files with a
count of lines that are a risk. docs/rules-secrets.md says how the counts are made.

A text belongs to one half by the SHA-256 of the rule's file and the text: `tuning` may be looked
at while rules and filters are made, `held-out` prints counts only. leaky-repo is tuning.
"""
import argparse, collections, csv, hashlib, json, os, pathlib, re, subprocess, sys, tempfile

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|`[^`]*`|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])+\'|[A-Za-z_]\w*|\s+|.', re.S)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "'": "'", "a": "\a", "b": "\b",
           "f": "\f", "v": "\v"}

Text = collections.namedtuple("Text", "source file label text")


def go_string(token):
    if token[0] == "`":
        return token[1:-1].replace("\r", "")

    def unescape(found):
        body = found.group(1)
        if body[0] in "xuU":
            return chr(int(body[1:], 16))
        if body[0].isdigit():
            return chr(int(body, 8))
        return ESCAPES[body]
    return re.sub(r"\\(x..|u.{4}|U.{8}|[0-7]{3}|.)", unescape, token[1:-1])


def literals(source):
    """Yields (label, text) for each literal element of a list that is called tps or fps."""
    tokens = [t for t in TOKEN.findall(source) if not t.isspace() and not t.startswith(("//", "/*"))]
    at = 0
    while at < len(tokens):
        if tokens[at] not in ("tps", "fps") or tokens[at + 1:at + 2] not in ([":"], ["="]):
            at += 1
            continue
        label = tokens[at] == "tps"
        openers, element, elements = [], [], []
        at += 2 if tokens[at + 1] == "=" else 3
        # The expression ends where its brackets are closed again.
        while at < len(tokens):
            token = tokens[at]
            if token in ("(", "[", "{"):
                openers.append(tokens[at - 1])
                element.append(token)
            elif token in (")", "]", "}", ","):
                if len(openers) == 1 and openers[0] in ("string", "append"):
                    elements.append(element[element.index("{") + 1 if "{" in element else
                                            element.index("(") + 1 if "(" in element else 0:])
                    element = []
                else:
                    element.append(token)
                if token != ",":
                    openers.pop()
            else:
                element.append(token)
            at += 1
            if not openers and token in (")", "]", "}") and tokens[at:at + 1] != ["string"]:
                break
        for element in elements:
            # Literals alone, or joined by +: what is built by a call is not the same twice.
            if element and all((t[0] in '"`') if i % 2 == 0 else t == "+"
                               for i, t in enumerate(element)):
                yield label, "".join(go_string(t) for t in element[::2])


def labelled_texts(source, directory):
    folder = pathlib.Path(directory, "cmd/generate/config/rules")
    files = sorted(folder.glob("*.go"))
    if not files:
        sys.exit(f"evaluate: {folder}: no rules here; expected a checkout of {source}")
    for path in files:
        for label, text in literals(path.read_text()):
            yield Text(source, path.name, label, text)


def half_of(text):
    digest = hashlib.sha256(f"{text.file}\0{text.text}".encode()).digest()
    return "tuning" if digest[0] % 2 == 0 else "held-out"


# Which findings count, by the kind of program that --tool names.
CONFIDENCES = {"merlon": ("low", "medium", "high"), "merlon-sure": ("medium", "high"), "merlon-high": ("high",)}


def scan(command, directory):
    """Findings as {path: [finding]} of a Merlon or a gitleaks-like program."""
    kind, program = command.split("=", 1)
    handle, report_name = tempfile.mkstemp(suffix=".json")
    os.close(handle)
    report = pathlib.Path(report_name)
    if kind in CONFIDENCES:
        program = str(pathlib.Path(program).resolve())
        run = subprocess.run([program, "scan", "secrets", ".", "--no-ignore", "--format", "json",
                              "--output", str(report)], cwd=directory, capture_output=True, text=True)
        if run.returncode not in (0, 1):
            sys.exit(f"evaluate: {program} exited {run.returncode}: {run.stderr}")
        found = [(f["location"]["path"], f["location"].get("startLine", 0), f["rule"],
                  f["confidence"]) for f in json.loads(report.read_text())["findings"]
                 if f["confidence"] in CONFIDENCES[kind]]
    elif kind == "kingfisher":
        program = str(pathlib.Path(program).resolve())
        run = subprocess.run([program, "scan", ".", "--no-validate", "--jobs", "2", "--format", "jsonl",
                              "--no-update-check", "--no-dedup"], cwd=directory, capture_output=True, text=True)
        rows = [json.loads(line) for line in run.stdout.splitlines()]
        found = [(r["finding"]["path"], r["finding"]["line"], r["rule"]["id"], "") for r in rows if "finding" in r]
    else:
        subprocess.run([program, "dir", directory, "-f", "json", "-r", str(report), "--exit-code", "0",
                        "--no-banner"], capture_output=True, check=True)
        found = [(f["File"], f["StartLine"], f["RuleID"], "") for f in json.loads(report.read_text())]
    report.unlink(missing_ok=True)
    by_path = collections.defaultdict(list)
    for path, line, rule, confidence in found:
        relative = pathlib.Path(directory, path).relative_to(directory).as_posix()
        by_path[relative].append((line, rule, confidence))
    return by_path


def show(name, true_found, true_all, false_found, false_all):
    recall = true_found / true_all if true_all else 0
    precision = true_found / (true_found + false_found) if true_found + false_found else 0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
    print(f"{name:34} {true_found:5}/{true_all:<5} {false_found:5}/{false_all:<5} "
          f"{recall:6.3f} {precision:9.3f} {f1:6.3f}")


def evaluate_texts(texts, command, half, list_errors):
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, text in enumerate(texts):
            names[f"case{number:05}.txt"] = text
            pathlib.Path(folder, f"case{number:05}.txt").write_text(text.text + "\n")
        found = scan(command, folder)
    counts = collections.Counter()
    for name, text in names.items():
        counts[text.source, text.label, bool(found.get(name))] += 1
        if list_errors and text.label != bool(found.get(name)):
            kind = "missed" if text.label else f"false {found[name]}"
            print(f"  {kind}: {text.source} {text.file}: {text.text[:200]!r}")
    for source in sorted({t.source for t in texts}):
        show(f"{command.split('=')[0]} on {source} ({half})",
             counts[source, True, True], counts[source, True, True] + counts[source, True, False],
             counts[source, False, True], counts[source, False, True] + counts[source, False, False])


def evaluate_leaky_repo(directory, command, list_errors):
    meta = pathlib.Path(directory, ".leaky-meta/secrets.csv")
    rows = [row for row in csv.reader(meta.read_text().splitlines())
            if len(row) == 3 and not row[0].startswith("#")]
    found = scan(command, directory)
    risk_found = risk_all = false_found = lines_all = 0
    for path, risk, informative in rows:
        lines = {line for line, _, _ in found.get(path, [])}
        risk_found += min(len(lines), int(risk))
        risk_all += int(risk)
        lines_all += int(informative)
        false_found += max(0, len(lines) - int(risk))
        if list_errors and len(lines) != int(risk):
            print(f"  leaky-repo {path}: {len(lines)} lines, {risk} risk, {informative} informative")
    show(f"{command.split('=')[0]} on leaky-repo (tuning)", risk_found, risk_all, false_found, lines_all)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", action="append", metavar="NAME=PROGRAM",
                        help="merlon=PATH (the default), merlon-sure=PATH (without low confidence), merlon-high=PATH (high confidence alone), gitleaks=PATH, betterleaks=PATH or kingfisher=PATH")
    for source in ("gitleaks", "betterleaks", "leaky-repo"):
        parser.add_argument(f"--{source}", metavar="DIR")
    parser.add_argument("--half", choices=("tuning", "held-out", "both"), default="both")
    parser.add_argument("--list-errors", action="store_true",
                        help="names each text of the tuning half that was judged wrong")
    arguments = parser.parse_args()
    if not (arguments.gitleaks or arguments.betterleaks or arguments.leaky_repo):
        print("0 passed, 0 failed: no labelled data; name at least one DIR", file=sys.stderr)
        return 2
    texts = []
    for source in ("gitleaks", "betterleaks"):
        if directory := getattr(arguments, source):
            texts += labelled_texts(source, directory)
    # betterleaks began as a copy of gitleaks: the same text counts once.
    unique = {}
    for text in texts:
        unique.setdefault((text.file, text.label, text.text), text)
    print(f"{'':34} {'true found':>11} {'false found':>11} {'recall':>6} {'precision':>9} {'F1':>6}")
    for command in arguments.tool or ["merlon=build/release/merlon"]:
        for half in ("tuning", "held-out"):
            if arguments.half not in (half, "both"):
                continue
            chosen = [text for text in unique.values() if half_of(text) == half]
            if chosen:
                evaluate_texts(chosen, command, half, arguments.list_errors and half == "tuning")
        if arguments.leaky_repo and arguments.half != "held-out":
            evaluate_leaky_repo(arguments.leaky_repo, command, arguments.list_errors)
    return 0


if __name__ == "__main__":
    sys.exit(main())
