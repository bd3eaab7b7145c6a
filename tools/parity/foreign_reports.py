#!/usr/bin/env python3
"""Makes the reports that the importers are tested with: foreign_reports.py TOOL=PROGRAM …

Each tool that is named is run over tests/foreign/example, with our own rules where it takes some, and what it writes
becomes tests/foreign/reports/TOOL.json, and TOOL.sarif of the same files where the tool has that, too. Paths of this machine, times and numbers of one run are taken out, and long
texts cut, so that the reports stay small and are the same next time; everything else is as the tool wrote it.

    foreign_reports.py gitleaks=build/peers/bin/gitleaks semgrep=… checkov=… kube-score=… trivy=… osv-scanner=…
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "tests/foreign/example"
REPORTS = ROOT / "tests/foreign/reports"
LONGEST = 160
# Members that are of one run alone, or of no use to a reader.
LEFT_OUT = {"time", "CreatedAt", "ReportID", "Highlighted", "evaluations", "fixed_definition", "url", "References",
            "metavars", "profiling_results", "entity_tags", "breadcrumbs", "AnalyzedBy", "check_class",
            "file_abs_path", "repo_file_path"}

# What follows the program's name; OUT is where the report goes, and what a run returns that found something.
COMMANDS = {
    "gitleaks": (["dir", ".", "--config", "rules/gitleaks.toml", "--no-banner", "--report-format", "json",
                  "--report-path", "OUT"], {1}),
    "semgrep": (["scan", "--metrics=off", "--disable-version-check", "--config", "rules/semgrep.yaml", "--json",
                 "--no-git-ignore", "--output", "OUT", "src"], {0, 1, 2}),
    "checkov": (["-d", ".", "-o", "json", "--framework", "terraform", "kubernetes",
                 "--check", "CKV_AWS_18,CKV_AWS_21,CKV_AWS_23,CKV_AWS_24,CKV_K8S_20,CKV_K8S_28",
                 "--download-external-modules", "false"], {0, 1}),
    "kube-score": (["score", "--output-format", "json", "deploy/web.yaml"], {0, 1}),
    "trivy": (["filesystem", "--scanners", "misconfig", "--offline-scan", "--skip-check-update",
               "--skip-files", "deploy/web.yaml", "--format", "json", "--output", "OUT", "."], {0}),
}

# The same findings as SARIF.
SARIF = {
    "semgrep": (["scan", "--metrics=off", "--disable-version-check", "--config", "rules/semgrep.yaml", "--sarif",
                 "--no-git-ignore", "--output", "OUT", "src"], {0, 1, 2}),
    "checkov": (["-d", ".", "-o", "sarif", "--framework", "terraform", "kubernetes",
                 "--check", "CKV_AWS_18,CKV_AWS_21,CKV_AWS_23,CKV_AWS_24,CKV_K8S_20,CKV_K8S_28",
                 "--download-external-modules", "false", "--output-file-path", "FOLDER"], {0, 1}),
}


def shortened(value, folder):
    if isinstance(value, dict):
        return {key: part if key == "snippet" else shortened(part, folder)
                for key, part in value.items() if key not in LEFT_OUT}
    if isinstance(value, list):
        return [shortened(part, folder) for part in value]
    if isinstance(value, str):
        value = value.replace(folder + "/", "").replace(folder, ".")
        return value if len(value) <= LONGEST else value[:LONGEST] + "…"
    return value


def run(tool, program, commands, ending):
    words, returned = commands[tool]
    with tempfile.TemporaryDirectory() as parent:
        folder = os.path.join(parent, "example")
        shutil.copytree(EXAMPLE, folder)
        out = os.path.join(parent, "report.json")
        places = {"OUT": out, "FOLDER": parent}
        done = subprocess.run([os.path.abspath(program)] + [places.get(word, word) for word in words],
                              cwd=folder, capture_output=True, text=True, timeout=900,
                              env={**os.environ, "HOME": parent, "BC_API_KEY": "", "LOG_LEVEL": "ERROR"})
        if done.returncode not in returned:
            sys.exit(f"{tool} returned {done.returncode}: {done.stderr[-2000:]}")
        if "FOLDER" in words:
            out = os.path.join(parent, "results_sarif.sarif")
        text = pathlib.Path(out).read_text() if "OUT" in words or "FOLDER" in words else done.stdout
        report = shortened(json.loads(text), folder)
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{tool}.{ending}").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    print(f"{tool}.{ending}: {(REPORTS / f'{tool}.{ending}').stat().st_size} bytes")


def main():
    named = [word.split("=", 1) for word in sys.argv[1:]]
    if not named or any(len(pair) != 2 or pair[0] not in COMMANDS for pair in named):
        sys.exit(__doc__)
    for tool, program in named:
        run(tool, program, COMMANDS, "json")
        if tool in SARIF:
            run(tool, program, SARIF, "sarif")


if __name__ == "__main__":
    main()
