#!/usr/bin/env python3
"""Makes what the demo's gate is about: demo_gates.py FOLDER

FOLDER/shop is a repository whose main branch asks for an approval before production, with a branch `topic`; beside it are the
reports of another tool before and after a fix, and of the branch, one in Semgrep's own format about the same weakness, and the
SSH keys of two people, made on the spot."""

import json
import os
import pathlib
import subprocess
import sys

SETTINGS = """version: 1
gates:
  deploy:
    conditions: [severity, secrets, coverage, approvals, environment]
    severity: high
    analyses: [secrets, scanner]
groups:
  security: [ana]
environments:
  production:
    branches: [main]
    approvals: [{group: security, count: 1}]
"""


def report(results):
    return json.dumps({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "Scanner", "rules": [{"id": "sql-injection", "properties": {
            "tags": ["external/cwe/cwe-89"]}}]}}, "results": results}]})


def main():
    folder = pathlib.Path(sys.argv[1])
    shop = folder / "shop"
    shop.mkdir(parents=True)
    (shop / ".merlon.yaml").write_text(SETTINGS)
    (shop / "orders.py").write_text('def orders(db, user):\n    return db.run("SELECT * FROM orders WHERE id=" + user)\n')
    for name in ("ana", "rob"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)], check=True,
                       stdin=subprocess.DEVNULL)
    people = []
    for name in ("ana", "rob"):
        kind, key = (folder / f"{name}.pub").read_text().split()[:2]
        people.append(f'{name},{name}@example.com namespaces="merlon-decision-v1" {kind} {key}\n')
    (shop / ".merlon").mkdir()
    (shop / ".merlon" / "people").write_text("".join(people))
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
    commit = ["-c", "user.name=rob", "-c", "user.email=rob@example.com", "commit", "-q", "-m"]

    def git(*words):
        subprocess.run(["git", *words], cwd=shop, check=True, env=environment)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git(*commit, "Orders")
    git("switch", "-q", "-c", "topic")
    (shop / "admin.py").write_text("def admin(code):\n    return eval(code)\n")
    git("add", "-A")
    git(*commit, "Admin")
    git("switch", "-q", "main")
    found = {"ruleId": "sql-injection", "level": "error", "message": {"text": "a query is put together from input"},
             "locations": [{"physicalLocation": {"artifactLocation": {"uri": "orders.py"}, "region": {
                 "startLine": 2, "snippet": {"text": '    return db.run("SELECT * FROM orders WHERE id=" + user)'}}}}]}
    news = {"ruleId": "code-injection", "level": "error", "message": {"text": "code of others is run"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "admin.py"}, "region": {
                "startLine": 2, "snippet": {"text": "    return eval(code)"}}}}]}
    hint = {"check_id": "python.query-of-input", "path": "orders.py", "start": {"line": 2, "col": 5}, "end": {"line": 2, "col": 60},
            "extra": {"message": "a query of what users write", "severity": "INFO", "metadata": {"cwe": ["CWE-89: SQL Injection"]},
                      "lines": '    return db.run("SELECT * FROM orders WHERE id=" + user)'}}
    (folder / "semgrep.json").write_text(json.dumps({
        "version": "1.185.0", "results": [hint], "errors": [], "paths": {"scanned": ["orders.py"]}}))
    (folder / "before.sarif").write_text(report([found]))
    (folder / "after.sarif").write_text(report([]))
    (folder / "topic.sarif").write_text(report([found, news]))


if __name__ == "__main__":
    main()
