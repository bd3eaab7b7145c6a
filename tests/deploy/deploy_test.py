#!/usr/bin/env python3
"""The CI templates of deploy/, run without their forges: deploy_test.py MERLON [unittest arguments]

Takes each shell step out of a template and runs it as the forge would: the package is fetched from a
file: address and its checksum verified; apt-get is a stand-in that unpacks the .deb, because a test
must not install anything; merlon is the program out of that package.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
MERLON = None
# What the stand-in for apt-get does with `install … FILE.deb`; everything else it accepts.
APT_GET = """#!/bin/sh
for word; do case "$word" in *.deb) dpkg-deb -x "$word" "$INSTALL_ROOT" ;; esac; done
"""
SUDO = '#!/bin/sh\nexec "$@"\n'
CURL = """#!/usr/bin/env python3
import shutil, sys
words = sys.argv[1:]
assert "--fail" in words and "--location" in words, words
address = words[-1]
if not address.startswith("file://"): sys.exit(6)
shutil.copyfile(address[7:], words[words.index("--output") + 1])
"""


def scripts(template):
    """The shell text of each step, in order: `run: |`, `- bash: |`, or GitLab's lists of lines."""
    lines = template.read_text().splitlines()
    found = []
    for number, line in enumerate(lines):
        block = re.match(r"^(\s*(?:- )?)(?:run|bash): (.*)$", line)
        entry = re.match(r"^\s*(before_script|script):$", line)
        if block and block.group(2) == "|":
            body = []
            for following in lines[number + 1:]:
                if following.strip() and len(following) - len(following.lstrip()) <= len(block.group(1)):
                    break
                body.append(following)
            found.append("\n".join(body))
        elif block:
            found.append(block.group(2))
        elif entry:
            body = []
            for following in lines[number + 1:]:
                item = re.match(r"^\s+- (.*)$", following)
                if not item:
                    break
                body.append(item.group(1))
            found.append("set -eo pipefail\n" + "\n".join(body))  # as GitLab's runner does
    return found


class Templates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = pathlib.Path(tempfile.mkdtemp(prefix="merlon-deploy-"))
        subprocess.run([sys.executable, str(ROOT / "tools" / "package.py"), "--only", "deb",
                        "--build", os.path.dirname(MERLON), "--output", str(cls.made)],
                       check=True, capture_output=True)
        cls.package = next(cls.made.glob("*.deb"))
        cls.digest = hashlib.sha256(cls.package.read_bytes()).hexdigest()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.made)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="merlon-deploy-"))
        self.tools = self.folder / "bin"
        self.tree = self.folder / "checkout"
        self.installed = self.folder / "root"
        for folder in (self.tools, self.tree, self.installed, self.folder / "home"):
            folder.mkdir()
        for name, text in (("apt-get", APT_GET), ("sudo", SUDO), ("curl", CURL)):
            (self.tools / name).write_text(text)
            (self.tools / name).chmod(0o755)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def plant(self):
        key = "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(i * 7 + 3) % 26] for i in range(16))
        (self.tree / "settings.env").write_text(f"aws_access_key_id = AK{'IA'}{key}\n"
                                                f"token = gh{'p_'}{'aB3dE5gH7jK9' * 3}\n")

    def run_steps(self, template, variables, digest=None):
        """Runs the template's steps in turn; returns the exit code of the first that fails, or 0."""
        words = {"PACKAGE_URL": f"file://{self.package}", "PACKAGE_SHA256": digest or self.digest}
        words |= {f"MERLON_{name}": text for name, text in words.items()}
        environment = {"PATH": f"{self.tools}:{self.installed}/usr/bin:/usr/bin:/bin",
                       "HOME": str(self.folder / "home"), "INSTALL_ROOT": str(self.installed),
                       **words, **variables}
        steps = scripts(DEPLOY / template)
        self.assertEqual(len(steps), 2, "a template installs, then scans")
        self.log = ""
        for step in steps:
            # /tmp/merlon.deb is the only fixed place; a test gets its own.
            step = step.replace("/tmp/merlon.deb", str(self.folder / "merlon.deb"))
            done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step], cwd=self.tree,
                                  env=environment, capture_output=True, text=True, timeout=60)
            self.log += done.stdout + done.stderr
            if done.returncode != 0:
                return done.returncode
        return 0

    def check_sarif(self, path, findings):
        sarif = json.loads(path.read_text())
        self.assertEqual(sarif["version"], "2.1.0")
        self.assertEqual(bool(sarif["runs"][0]["results"]), findings)

    def try_template(self, template, variables, reports):
        """Clean, then with a finding, then with a package that is not the one that was promised."""
        self.assertEqual(self.run_steps(template, variables), 0, self.log)
        self.check_sarif(reports["sarif"], findings=False)
        self.plant()
        self.assertEqual(self.run_steps(template, variables), 1, self.log)
        self.check_sarif(reports["sarif"], findings=True)
        if "junit" in reports:
            xml.etree.ElementTree.parse(reports["junit"])
        for extra in reports.get("others", []):
            self.assertGreater(extra.stat().st_size, 0)
        shutil.rmtree(self.installed)
        self.installed.mkdir()
        self.assertNotEqual(self.run_steps(template, variables, digest="0" * 64), 0)
        self.assertEqual(list(self.installed.iterdir()), [], "nothing is installed unverified")

    def test_github(self):
        temporary = self.folder / "runner"
        temporary.mkdir()
        summary = self.folder / "summary.md"
        self.try_template("github/action.yml",
                          {"RUNNER_TEMP": str(temporary), "GITHUB_STEP_SUMMARY": str(summary),
                           "SCAN_PATH": ".", "FAIL_ON": "low"},
                          {"sarif": temporary / "merlon.sarif", "others": [summary]})

    def test_gitlab(self):
        self.try_template("gitlab/merlon.gitlab-ci.yml", {},
                          {"sarif": self.tree / "merlon.sarif", "junit": self.tree / "merlon.xml",
                           "others": [self.tree / "merlon.html"]})

    def test_azure(self):
        staging = self.folder / "staging"
        staging.mkdir()
        temporary = self.folder / "agent"
        temporary.mkdir()
        self.try_template("azure/merlon.yml",
                          {"AGENT_TEMPDIRECTORY": str(temporary), "SCAN_PATH": ".", "FAIL_ON": "low",
                           "BUILD_ARTIFACTSTAGINGDIRECTORY": str(staging)},
                          {"sarif": staging / "sarif" / "merlon.sarif", "junit": staging / "merlon.xml"})

    def test_forgejo(self):
        self.try_template("forgejo/merlon.yml", {},
                          {"sarif": self.tree / "merlon.sarif", "others": [self.tree / "merlon.html"]})

    def test_none_of_them_builds_from_source(self):
        for template in sorted(DEPLOY.glob("*/*.yml")):
            for step in scripts(template):
                self.assertNotRegex(step, r"\b(git clone|cmake|make|ninja|g\+\+)\b", template)


if __name__ == "__main__":
    MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
