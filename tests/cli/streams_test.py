#!/usr/bin/env python3
"""Which reports are of one stream, and what is said where they may be: streams_test.py MERLON [unittest arguments]"""

import hashlib
import json
import os
import subprocess
import sys
import unittest

import evidence_test
from evidence_test import EvidenceCase, result, sarif

FEW, MANY = 4, 5


class StreamCase(EvidenceCase):
    def bring(self, *words):
        done = self.run_merlon("import", "--store", "s.db", "--format", "json", "r.json", *words)
        return json.loads(done.stdout)[0]

    def git(self, *words):
        done = subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], cwd=self.folder,
                              check=True, env=self.environment, capture_output=True, text=True)
        return done.stdout.strip()


class Branches(StreamCase):
    """A branch is one under the names that Git has for it, where it is sure to be that branch."""

    def setUp(self):
        super().setUp()
        self.write("r.json", sarif([result("r", "a.py", 3, "eval(x)")]))
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", "https://git.example/acme/shop.git")
        self.git("remote", "add", "fork", "https://git.example/eve/shop.git")
        for name in ("main", "other"):
            self.git("commit", "-q", "--allow-empty", "-m", name)
            self.git("update-ref", f"refs/remotes/origin/{name}", "HEAD")
            self.git("update-ref", f"refs/remotes/fork/{name}", "HEAD")
        self.git("checkout", "-q", "--detach", "origin/main")

    def ref_of(self, name, *words):
        return self.bring("--ref", name, *words)["runs"][0]["ref"]

    def test_it_is_the_remotes_own_where_git_has_it_at_that_commit(self):
        for name in ("refs/remotes/origin/main", "remotes/origin/main", "origin/main", "heads/main"):
            self.assertEqual(self.ref_of(name), "refs/heads/main", name)
        self.run_merlon("store", "check", "--store", "s.db")

    def test_a_store_that_has_it_by_its_short_name_goes_on_so(self):
        self.assertEqual(self.ref_of("main"), "main")
        self.assertEqual(self.ref_of("origin/main"), "main")

    def test_another_remotes_branch_is_another_one(self):
        self.assertEqual(self.ref_of("refs/remotes/fork/main"), "refs/remotes/fork/main")
        self.assertEqual(self.ref_of("fork/main"), "fork/main")
        self.assertEqual(self.ref_of("fork/main", "--repository", "git.example/eve/shop"), "refs/heads/main")

    def test_a_strangers_branch_of_such_a_name_is_its_own(self):
        self.bring("--ref", "main")
        # Whoever may open a pull request has this code under that name.
        self.git("commit", "-q", "--allow-empty", "-m", "strange")
        for name in ("origin/main", "heads/main", "remotes/origin/main"):
            answer = self.bring("--ref", name)
            self.assertEqual(answer["runs"][0]["ref"], name)
            self.assertEqual(answer["notices"], [f"'{name}' is taken for a branch of that name, which 'main' is not; if that "
                                                 "is meant, import with --ref main"])
        self.assertEqual(self.ref_of("origin/main", "--commit", "b" * 40), "origin/main")
        self.git("branch", "origin/new")
        self.assertEqual(self.ref_of("origin/new"), "origin/new")

    def test_a_gate_calls_it_alike(self):
        self.bring("--ref", "origin/main")
        self.run_merlon("gate", "release", "--store", "s.db", "--ref", "origin/main", "--digest", "sha256:" + "a" * 64,
                        "--config", os.devnull, "--write-input", "input.json", code=2)
        with open(os.path.join(self.folder, "input.json")) as written:
            self.assertEqual(json.load(written)["ref"], "main")


class Equals(StreamCase):
    """Lines of one text in one file are told apart by Git's comparison of the two files."""

    LINE = "    return eval(text)"

    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")

    @staticmethod
    def functions(*names):
        """A file of functions; those in capitals have the line."""
        lines = []
        for name in names:
            lines += [f"def {name}(text):", f"    # {name}", Equals.LINE if name.isupper() else "    return text", ""]
        return lines

    @staticmethod
    def found(path, lines, around=0, has_hash=False):
        """With so many lines around each; as GitHub does, with a hash of it and of what stands below."""
        results = []
        for i, line in enumerate(lines):
            if line.strip() != Equals.LINE.strip():
                continue
            one = result("r", path, i + 1, line, level="error")
            if around > 0:
                first, last = max(i - around, 0), min(i + around, len(lines) - 1)
                one["locations"][0]["physicalLocation"]["contextRegion"] = {
                    "startLine": first + 1, "endLine": last + 1, "snippet": {"text": "\n".join(lines[first:last + 1])}}
            if has_hash:
                below = "".join("".join(lines[i:]).split())[:100]
                one["partialFingerprints"] = {"primaryLocationLineHash": hashlib.sha1(below.encode()).hexdigest()[:16] + ":1"}
            results.append(one)
        return results

    def scan(self, ref, lines, path="a.py", **tells):
        """Commits the file and imports what is found in it; the counts, and the findings by their lines."""
        self.write(path, "\n".join(lines) + "\n")
        self.git("add", "-A", "--", path)
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        self.write("r.json", sarif(self.found(path, lines, **tells)))
        run = self.bring("--ref", ref, "--commit", self.git("rev-parse", "HEAD"))["runs"][0]
        listed = self.run_merlon("findings", "list", "--store", "s.db", "--format", "json", f"is:present ref:{ref}")
        numbers = [one["id"] for one in sorted(json.loads(listed.stdout)["findings"], key=lambda one: one["line"])]
        return (run["counts"]["new"], run["counts"]["maybeMoved"]), numbers

    def test_one_that_comes_leaves_those_alone_that_were_there(self):
        self.assertEqual(self.scan("main", self.functions("u", "A"))[1], [1])
        self.git("checkout", "-q", "-b", "below")
        self.assertEqual(self.scan("below", self.functions("u", "A", "B")), ((1, 0), [1, 2]))
        self.git("checkout", "-q", "-b", "above", "main")
        # Though the other branch has two at just these lines, the file is compared with that of main.
        self.assertEqual(self.scan("above", self.functions("u", "C", "A"))[1], [3, 1])

    def test_what_is_taken_out_here_is_not_what_is_put_in_there(self):
        self.assertEqual(self.scan("main", self.functions("A", "b", "C"))[1], [1, 2])
        self.git("checkout", "-q", "-b", "topic")
        self.assertEqual(self.scan("topic", self.functions("a", "B", "C")), ((1, 1), [3, 2]))
        # And it is the same once it is merged.
        self.assertEqual(self.scan("main", self.functions("a", "B", "C")), ((0, 0), [3, 2]))

    def test_a_file_that_a_branch_renames_is_the_one_that_it_was(self):
        self.assertEqual(self.scan("main", self.functions("A", "b", "C"))[1], [1, 2])
        self.git("checkout", "-q", "-b", "topic")
        self.git("mv", "a.py", "lib.py")
        self.assertEqual(self.scan("topic", self.functions("A", "b", "C"), "lib.py"), ((0, 0), [1, 2]))

    @staticmethod
    def handlers(*names):
        """A file of functions of one shape: they have more in common than each has of its own."""
        lines = []
        for name in names:
            lines += ["@authorised", f"def {name}(text):", "    row = get(text)", "    log(row)", Equals.LINE, "    close(row)", "", ""]
        return lines

    def test_functions_of_one_shape_are_told_by_what_heads_them(self):
        self.assertEqual(self.scan("main", self.handlers("user", "item"))[1], [1, 2])
        # One goes at the top, and one comes at the end: the same prints as before, and other functions.
        self.assertEqual(self.scan("main", self.handlers("item", "order")), ((1, 1), [2, 3]))
        self.assertEqual(self.scan("main", self.handlers("order", "item")), ((0, 0), [3, 2]))
        self.assertEqual(self.scan("main", self.handlers("price", "order", "item"))[1], [4, 3, 2])

    def test_a_file_that_is_put_into_a_block_is_what_it_was(self):
        lines = ["def load(text):", "    if deep:", "    " + self.LINE, "    text = strip(text)", self.LINE, ""]
        self.assertEqual(self.scan("main", lines)[1], [1, 2])
        deeper = ["class Store:", *("    " + line if line else line for line in lines)]
        self.assertEqual(self.scan("main", deeper), ((0, 0), [1, 2]))

    def test_two_branches_that_write_alike_have_two(self):
        self.scan("main", self.handlers("user"))
        for number, name in ((2, "price"), (3, "weight")):
            self.git("checkout", "-q", "-b", name, "main")
            self.assertEqual(self.scan(name, self.handlers("user", name))[1], [1, number])
        # Squashed, it is what its branch has; and the other's is its own at another line.
        self.git("checkout", "-q", "main")
        self.assertEqual(self.scan("main", self.handlers("user", "price")), ((0, 0), [1, 2]))
        self.assertEqual(self.scan("main", self.handlers("user", "price", "weight")), ((0, 0), [1, 2, 3]))

    def test_a_file_that_a_branch_renames_and_adds_to_is_the_one_that_it_was(self):
        self.assertEqual(self.scan("main", self.handlers("user", "item"))[1], [1, 2])
        self.git("checkout", "-q", "-b", "topic")
        self.git("mv", "a.py", "lib.py")
        self.assertEqual(self.scan("topic", self.handlers("user", "item", "order"), "lib.py"), ((1, 0), [1, 2, 3]))

    def test_what_a_tool_makes_of_the_lines_below_is_not_the_finding(self):
        for tells in ({"around": 2}, {"has_hash": True}, {"around": 2, "has_hash": True}):
            with self.subTest(tells):
                path = "".join(tells) + ".py"
                first = self.scan("main", self.handlers("user", "item"), path, **tells)[1]
                self.assertEqual(self.scan("main", self.handlers("user", "item", "order"), path, **tells)[1][:2], first)
                again = self.scan("main", self.handlers("user", "order"), path, **tells)[1]
                self.assertEqual(again[0], first[0])
                self.assertNotEqual(again[1], first[1])

    def test_a_line_above_that_is_edited_leaves_it_what_it_is(self):
        lines = self.handlers("user", "item")
        edited = [line.replace("log(row)", "log(row, 1)") for line in lines]
        for around in (0, 1, 2):
            first = self.scan("main", lines, f"{around}.py", around=around)[1]
            self.assertEqual(self.scan("main", edited, f"{around}.py", around=around), ((0, 0), first))

    def test_what_is_mended_here_and_written_anew_there_is_new(self):
        def two(*ends):
            return ["def load(text):", "    text = cart(text)", ends[0], "", "def find(text):", "    text = part(text)", ends[1], ""]
        for around in (0, 2):
            first = self.scan("main", two(self.LINE, "    return text"), f"{around}.py", around=around)[1]
            counts, numbers = self.scan("main", two("    return json(text)", self.LINE), f"{around}.py", around=around)
            self.assertEqual(counts, (1, 1))
            self.assertNotEqual(numbers, first)

    HEADER = [*(f"# line {n} of a licence that each file has" for n in range(16)), "", "import base", "from tools import get", ""]

    def test_a_file_that_is_written_anew_has_none_of_its_findings(self):
        def operator(name, body, count):
            return [*self.HEADER, f"class {name}(Base):", "    def execute(self, text):",
                    *(f"        {body}({n})" for n in range(count)), "    " + self.LINE]
        for around in (0, 3):
            path = f"{around}.py"
            self.scan("main", operator("Report", "sum", 6), path, around=around)
            self.assertEqual(self.scan("main", operator("Upload", "send", 7), path, around=around)[0], (1, 1))
            # Nor is another file with its header the same one.
            self.git("rm", "-q", path)
            self.assertEqual(self.scan("main", operator("Query", "find", 7), f"other{around}.py", around=around)[0][0], 1)

    def test_what_was_taken_out_is_not_back_as_another_one(self):
        self.assertEqual(self.scan("main", self.handlers("user", "item"))[1], [1, 2])
        self.assertEqual(self.scan("main", self.handlers("user"))[1], [1])
        self.assertEqual(self.scan("main", self.handlers("user", "price"))[1], [1, 3])
        self.scan("main", self.handlers("user"))
        self.assertEqual(self.scan("main", self.handlers("user", "item"))[1], [1, 2])

    def test_a_commit_that_was_not_scanned_tells_nothing(self):
        self.scan("main", ["import a", "", *self.handlers("user", "item")])
        head = self.git("rev-parse", "HEAD")
        # Lines were put on top of the working copy.
        lines = ["import a", "", *["# one more"] * 3, *self.handlers("user", "item")]
        self.write("r.json", sarif(self.found("a.py", lines)))
        self.bring("--ref", "main", "--commit", head)
        listed = self.run_merlon("findings", "list", "--store", "s.db", "--format", "json", "is:present ref:main")
        places = {one["id"]: one["line"] for one in json.loads(listed.stdout)["findings"]}
        self.assertEqual(places, {1: 10, 2: 18})

    def test_a_gate_compares_the_two_folders(self):
        for folder, names in (("base", ("u", "A")), ("head", ("u", "A", "B"))):
            lines = self.functions(*names)
            os.mkdir(os.path.join(self.folder, folder))
            self.write(f"{folder}/a.py", "\n".join(lines) + "\n")
            self.write(f"{folder}.json", sarif(self.found("a.py", lines)))
        self.git("commit", "-q", "--allow-empty", "-m", "first")
        words = ("gate", "pr", "--report", "head.json", "--base", "base.json", "--target", "main", "--format", "json")
        done = self.run_merlon(*words, "--root", "head", "--base-root", "base", code=1)
        self.assertIn("a.py:11", done.stdout)
        self.assertNotIn("a.py:7", done.stdout)


class WithoutGit(StreamCase):
    """Of paths that no commit has, and of no commit, a branch's first report may be about all that others have."""

    def weak(self, ref, *items, commit=None, **head):
        self.write("r.json", {"SchemaVersion": 2, "ArtifactName": ".", "ArtifactType": "filesystem", **head, "Results": [
            {"Target": path, "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [
                {"VulnerabilityID": cve, "PkgName": "z", "InstalledVersion": "1", "Severity": "HIGH"}]} for cve, path in items]})
        counts = self.bring("--repository", "shop", "--ref", ref, *(["--commit", commit] if commit else []))["runs"][0]["counts"]
        return counts["new"], counts["known"], counts["moved"]

    def test_a_branch_is_compared_with_what_it_was_seen_to_have(self):
        subprocess.run(["git", "init", "-q"], cwd=self.folder, check=True, env=self.environment)
        commit = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty", "-m", "one"]
        subprocess.run(commit, cwd=self.folder, check=True, env=self.environment)
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.folder, check=True, env=self.environment, text=True,
                              capture_output=True).stdout.strip()
        image = {"ArtifactName": "registry.example/web:1", "ArtifactType": "container_image"}
        for words in ({"commit": head}, {}, {"commit": head, **image}):
            with self.subTest(words):
                self.assertEqual(self.weak("main", ("CVE-1", "a/p.lock"), **words), (1, 0, 0))
                self.assertEqual(self.weak("feature", ("CVE-1", "b/p.lock"), **words)[:2], (0, 1))  # its first
                self.assertEqual(self.weak("feature", ("CVE-1", "c/p.lock"), **words), (0, 1, 1))  # its own
                self.assertEqual(self.weak("main", ("CVE-1", "a/p.lock"), ("CVE-2", "x/p.lock"), **words), (1, 1, 0))
                self.assertEqual(self.weak("feature", ("CVE-1", "c/p.lock"), ("CVE-2", "y/p.lock"), **words), (1, 1, 0))
                self.run_merlon("store", "check", "--store", "s.db")
            os.remove(os.path.join(self.folder, "s.db"))


class Services(StreamCase):
    """What looks alike is one stream: what may be two is told."""

    def service(self, name, count):
        self.write("r.json", sarif([result("r", f"{name}{i}.py", 3, f"eval({name}, {i})") for i in range(count)]))
        return self.bring()

    def test_a_report_that_has_nothing_in_common_with_the_last_one_is_told(self):
        self.assertEqual(self.service("payments", MANY)["notices"], [])
        told = self.service("orders", MANY)["notices"]
        self.assertEqual(told, ["all 5 findings are new, and the 5 of scanner's last report are closed: if it is of something "
                                "else, as another service, import it with a --repository or --category of its own"])

    def test_what_changes_as_code_does_is_not(self):
        self.service("a", FEW)
        self.assertEqual(self.service("b", FEW)["notices"], [])

    def trivy(self, **head):
        self.write("r.json", {"SchemaVersion": 2, **head, "Results": [
            {"Target": "p.lock", "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": [
                {"VulnerabilityID": "CVE-2026-1", "PkgName": "z", "InstalledVersion": "1", "Severity": "HIGH"}]}]})

    def test_a_folder_whose_name_may_change_is_told(self):
        self.trivy(ArtifactName="/tmp/x81", ArtifactType="filesystem")
        self.assertEqual(self.bring()["notices"], ["it is of the folder /tmp/x81, and one of another name is another stream: run "
                                                   "the tool in it, on '.', or name it with --root"])

    def test_a_checkout_is_one_wherever_it_is(self):
        for place in ("/tmp/x81", "/tmp/x82"):
            self.trivy(ArtifactName=place, ArtifactType="repository", Metadata={"Commit": "a" * 40})
            self.assertEqual(self.bring("--repository", "shop")["notices"], [])
        done = self.run_merlon("findings", "streams", "--store", "s.db", "--format", "json")
        self.assertEqual(len(json.loads(done.stdout)), 1)


if __name__ == "__main__":
    evidence_test.MERLON = os.path.abspath(sys.argv.pop(1))
    unittest.main()
